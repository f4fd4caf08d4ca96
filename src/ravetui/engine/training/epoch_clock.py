"""Times the epochs that a run trains whole; what they are is in :mod:`ravetui.runs.epochs`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from ravetui.runs.epochs import EpochSums, epoch_so_far
from ravetui.runs.folder import RunFolder
from ravetui.runs.history import RunHistory
from ravetui.runs.spec import RunSpec


class EpochClock:
    """Adds up where the time of an epoch goes, over the attempts that make it.

    It counts by the clock that stands still while the machine sleeps.

    Args:
        step: The step that the attempt begins with.
    """

    def __init__(self, run: RunFolder, spec: RunSpec, step: int) -> None:
        self._run = run
        self._cycle = spec.training.validate_every
        self._per_epoch = max(spec.data.steps_per_epoch, 1)
        self._last: float | None = None
        self._pauses = {"validation": 0.0, "saving": 0.0}
        self._sums: EpochSums | None = None
        self.begin_with(step)

    def begin_with(self, step: int) -> None:
        """Go on after ``step``, with what the journals say of the epoch so far: none of it may be missing."""
        begins = step - step % self._per_epoch
        self._last = None
        self._forget_pauses()
        if step == begins:
            self._sums = EpochSums()
            return
        history = RunHistory(self._run)
        history.poll(["steps"])
        steps = history.records("steps")[-self._per_epoch - 1 :]
        resumed = history.resumed_at().values()
        self._sums = epoch_so_far(steps[steps["step"] <= step], begins=begins, cycle=self._cycle, resumed=resumed)
        if not len(steps) or int(steps["step"][-1]) < step:
            self._sums = None

    @contextmanager
    def pause(self, kind: str) -> Iterator[None]:
        """Time a pause between two steps: ``validation`` or ``saving``."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._pauses[kind] += time.monotonic() - began

    def made(self, step: int, own: float, data: float) -> dict[str, float] | None:
        """Count a step that has just been made; the record of the table ``epochs`` if it is the last of an epoch.

        Args:
            own: What it took, its waiting for data included, seconds.
            data: That waiting.
        """
        now = time.monotonic()
        if self._sums is not None:
            elapsed = own if self._last is None else max(now - self._last, own)
            pauses = self._pauses if self._last is not None else {}
            self._sums = self._sums.add(elapsed, own=own, data=data, **pauses)
        self._last = now
        self._forget_pauses()
        if step % self._per_epoch:
            return None
        ended, self._sums = self._sums, EpochSums()
        return ended.row() if ended else None

    def _forget_pauses(self) -> None:
        self._pauses = dict.fromkeys(self._pauses, 0.0)
