"""The data of a run, step by step, without the windows that it leaves out."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class Source(Protocol):
    """Makes batches."""

    ahead: int
    """How many batches it prepares before they are wanted."""

    def take(self, window: int, following: Sequence[int]) -> NDArray[np.float32] | Tensor:
        """The batch of a window, (batch, channels, samples), valid until the next call.

        Args:
            window: Which.
            following: Windows that will be wanted after it, ``ahead`` of them.
        """

    def close(self) -> None:
        """Stop preparing."""


class Batches:
    """The batch of each step, as if the skipped windows had never been in the data.

    Close it when no more are needed.

    Args:
        source: Gives the batch of a window.
        skipped: Windows to leave out. One that was found at some step changes no step before it.
    """

    def __init__(self, source: Source, skipped: Iterable[int]) -> None:
        self._source = source
        self._skipped = sorted(set(skipped))

    def window(self, step: int) -> int:
        """The window that the update after ``step`` steps takes."""
        for skipped in self._skipped:
            step += skipped <= step
        return step

    def take(self, step: int) -> Tensor:
        """Crops (batch, channels, samples) for the update after ``step`` steps, valid until the next are taken."""
        following = [self.window(step + later) for later in range(1, self._source.ahead + 1)]
        return torch.as_tensor(self._source.take(self.window(step), following))

    def leave_out(self, window: int) -> None:
        """Skip a window from now on."""
        self._skipped = sorted({*self._skipped, window})

    def close(self) -> None:
        """Stop preparing."""
        self._source.close()
