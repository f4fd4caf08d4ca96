"""The data of a run, step by step, without the windows that it leaves out."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.prefetch import Prefetcher, prefetch


class Batches:
    """The batch of each step, as if the skipped windows had never been in the data.

    Close it when no more are needed: the next ones are prepared in a thread.

    Args:
        sampler: Gives the batch of a window.
        skipped: Windows to leave out. One that was found at some step changes no step before it.
    """

    def __init__(self, sampler: CropSampler, skipped: Iterable[int]) -> None:
        self._sampler = sampler
        self._skipped = sorted(set(skipped))
        self._ahead: Prefetcher | None = None
        self._next = 0

    def window(self, step: int) -> int:
        """The window that the update after ``step`` steps takes."""
        for skipped in self._skipped:
            step += skipped <= step
        return step

    def batch(self, step: int) -> NDArray[np.float32]:
        """Crops (batch, channels, samples) for the update after ``step`` steps."""
        return self._sampler.batch(self.window(step))

    def take(self, step: int) -> NDArray[np.float32]:
        """The same, and those of the steps after it are prepared meanwhile."""
        if self._ahead is None or step != self._next:
            self.close()
            self._ahead = prefetch(self, step)
        self._next = step + 1
        return next(self._ahead)[1]

    def leave_out(self, window: int) -> None:
        """Skip a window from now on."""
        self.close()
        self._skipped = sorted({*self._skipped, window})

    def close(self) -> None:
        """Stop preparing."""
        if self._ahead is not None:
            self._ahead.close()
            self._ahead = None
