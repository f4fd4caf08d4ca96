"""What a step is: a part of an epoch, and so much audio; and what was done before a fork began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class StepLength:
    """How steps, epochs and audio are counted in a run."""

    per_epoch: int
    """Steps an epoch."""
    seconds: float
    """Audio that a step hears: crops of all ranks, seconds."""
    since: int = 0
    """The step from which on that holds: those before were steps of the run that a fork comes from."""
    epochs_before: float = 0.0
    """Epochs done by then."""
    seconds_before: float = 0.0
    """Audio heard by then, seconds."""

    @overload
    def epochs(self, step: int | float) -> float: ...
    @overload
    def epochs(self, step: NDArray[np.int64]) -> NDArray[np.float64]: ...
    def epochs(self, step: int | float | NDArray[np.int64]) -> float | NDArray[np.float64]:
        """Epochs done after ``step`` steps; of those before ``since``, as if all had been alike."""
        if not self.since:
            return step / max(self.per_epoch, 1)
        import numpy as np

        done = np.minimum(step, self.since) * (self.epochs_before / self.since)
        found = done + np.maximum(step - self.since, 0) / max(self.per_epoch, 1)
        return found if isinstance(step, np.ndarray) else float(found)

    def hours(self, step: int) -> float:
        """Audio heard in ``step`` steps, hours."""
        if not self.since:
            return step * self.seconds / 3600
        done = min(step, self.since) * (self.seconds_before / self.since)
        return (done + max(step - self.since, 0) * self.seconds) / 3600

    def at_epoch(self, epochs: float) -> int:
        """The step after which so many epochs are done."""
        return self._reach(epochs, self.epochs_before, float(self.per_epoch))

    def at_audio(self, seconds: float) -> int:
        """The step after which so much audio was heard, seconds."""
        return self._reach(seconds, self.seconds_before, 1 / self.seconds)

    def forked(self, step: int, per_epoch: int, seconds: float) -> StepLength:
        """How a fork counts that begins with ``step`` and whose steps are of another length."""
        return StepLength(per_epoch, seconds, step, self.epochs(step), 3600 * self.hours(step))

    def is_like(self, other: StepLength) -> bool:
        """Whether a step is the same, whatever came before."""
        return (self.per_epoch, self.seconds) == (other.per_epoch, other.seconds)

    def _reach(self, wanted: float, before: float, rate: float) -> int:
        if self.since and wanted < before:
            return round(wanted * self.since / before)
        return self.since + round((wanted - before) * rate)
