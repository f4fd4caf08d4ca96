"""The next batches, made by other processes while the trainer computes."""

from collections import deque
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.worker_process import WorkerProcess

_EACH = 2
"""Batches that a worker has to make at a time: the next one is ordered before it asks."""


class Loader:
    """Gives the batches of a sampler, bit for bit, and prepares those that are said to come next.

    A batch that nobody ordered, the first one or the first after a jump, is made in this process, while the workers
    start or turn to those after it. So a run begins without waiting for them.

    Args:
        sampler: Gives the batch of a window.
        workers: How many processes.
        kept: Descriptors that they inherit; see :class:`WorkerProcess`.
    """

    def __init__(self, sampler: CropSampler, workers: int, kept: Collection[int] = ()) -> None:
        self._sampler = sampler
        self.workers = [WorkerProcess(number, sampler, kept) for number in range(1, workers + 1)]
        self.ahead = _EACH * workers
        self._turn = 0
        self._ordered: deque[tuple[int, WorkerProcess]] = deque()

    def take(self, window: int, following: Sequence[int]) -> NDArray[np.float32]:
        """The batch of a window, (batch, channels, crop), valid until the next call.

        Args:
            window: Which.
            following: Those that will be wanted after it; ``ahead`` of them are ordered.

        Raises:
            RunError: A worker has died or failed.
        """
        expected = [window, *following]
        if any(ordered != wanted for (ordered, _), wanted in zip(self._ordered, expected, strict=False)):
            self._forget()
        ready = None
        if self._ordered:
            ready = self._ordered.popleft()[1].receive()
        # Each is asked: the first one that is not ready must not hide another's death.
        started = [worker.is_ready for worker in self.workers]
        if all(started):
            for later in following[len(self._ordered) : self.ahead]:
                self._order(later)
        return self._sampler.batch(window) if ready is None else ready

    def close(self) -> None:
        """End the workers."""
        for worker in self.workers:
            worker.let_go()
        for worker in self.workers:
            worker.join()

    def _order(self, window: int) -> None:
        worker = self.workers[self._turn]
        self._turn = (self._turn + 1) % len(self.workers)
        worker.ask(window)
        self._ordered.append((window, worker))

    def _forget(self) -> None:
        """Receive what was ordered and will not be wanted: a worker answers in order."""
        while self._ordered:
            self._ordered.popleft()[1].receive()
