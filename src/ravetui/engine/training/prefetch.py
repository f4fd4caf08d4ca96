"""The next batch, made by a thread while the step before it computes."""

from collections.abc import Sequence
from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from ravetui.engine.data.crops import CropSampler
from ravetui.engine.training.background import background


class Prefetch:
    """Gives the batches of a sampler, bit for bit: what thread makes a batch does not enter it.

    A batch that was not said to come next, the first one or the first after a jump, is made when it is wanted. What
    fails in the thread is raised where its batch is taken.

    Args:
        sampler: Gives the batch of a window.
    """

    ahead = 1

    def __init__(self, sampler: CropSampler) -> None:
        self._sampler = sampler
        self._thread = background("batch")
        self._next: tuple[int, Future[NDArray[np.float32]]] | None = None

    def take(self, window: int, following: Sequence[int]) -> NDArray[np.float32]:
        """The batch of a window, (batch, channels, crop).

        Args:
            window: Which.
            following: The one that will be wanted after it.
        """
        ready, self._next = self._next, None
        if ready is None or ready[0] != window:
            batch = self._sampler.batch(window)
        else:
            batch = ready[1].result()
        for later in following[:1]:
            self._next = later, self._thread.submit(self._sampler.batch, later)
        return batch

    def close(self) -> None:
        """End the thread; what it makes just now is left."""
        self._thread.shutdown(cancel_futures=True)
