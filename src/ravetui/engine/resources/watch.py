"""The measuring of one attempt: what is counted in training's thread, and the thread that writes it."""

from collections.abc import Callable

from ravetui.engine.resources.meter import ResourceMeter
from ravetui.engine.resources.sampler import ResourceSampler
from ravetui.engine.training.journal import TrainingJournal
from ravetui.engine.training.ranks import Ranks
from ravetui.engine.training.state import TrainingState
from ravetui.runs.folder import RunFolder


class ResourceWatch:
    """Journals what a run uses until it is closed; rank 0 does it for all.

    Args:
        run: Whose disk is looked at.
        state: Says the step and the device.
        journal: Gets the rows of ``resources``.
        tell: Appends an event.
        ranks: Who trains together.
    """

    def __init__(
        self, run: RunFolder, state: TrainingState, journal: TrainingJournal, tell: Callable[..., None], ranks: Ranks
    ) -> None:
        self._meter = ResourceMeter(run, state.device, ranks)

        def write(row: dict[str, float]) -> None:
            journal.sample("resources", lambda: state.step, row)

        self._sampler = ResourceSampler(self._meter.look, write, tell) if ranks.first else None

    def count_step(self, data_seconds: float, step_seconds: float) -> None:
        """Hear of a step: how long it waited for data and how long it took then, seconds."""
        self._meter.count_step(data_seconds, step_seconds)

    def close(self) -> None:
        """Write nothing more."""
        if self._sampler is not None:
            self._sampler.close()
