"""The next batches, made in a thread while the trainer computes."""

from collections import deque
from collections.abc import Iterator
from threading import Condition, Thread
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

Item = tuple[int, NDArray[np.float32]]


class Source(Protocol):
    """Gives the batch of any step."""

    def batch(self, step: int) -> NDArray[np.float32]:
        """Crops (batch, channels, samples) of a step counted from 0."""


def prefetch(sampler: Source, first_step: int, depth: int = 2) -> "Prefetcher":
    """Iterate over (step, batch) from ``first_step`` on, without end, at most ``depth`` batches ahead.

    The batches are those of ``sampler.batch``, so nothing has to be saved to go on later. Close it, or use it in a
    ``with`` statement.
    """
    return Prefetcher(sampler, first_step, depth)


class Prefetcher(Iterator[Item]):
    """See :func:`prefetch`. An exception in the thread is raised by ``next`` in its place."""

    def __init__(self, sampler: Source, first_step: int, depth: int) -> None:
        self._sampler = sampler
        self._depth = depth
        self._ready: deque[Item] = deque()
        self._error: BaseException | None = None
        self._closed = False
        self._change = Condition()
        self._thread = Thread(target=self._work, args=(first_step,), name="prefetch", daemon=True)
        self._thread.start()

    def __next__(self) -> Item:
        with self._change:
            self._change.wait_for(lambda: self._ready or self._error or self._closed)
            if self._closed:
                raise StopIteration
            if self._ready:
                item = self._ready.popleft()
                self._change.notify_all()
                return item
            assert self._error is not None
            raise self._error

    def close(self) -> None:
        """Stop the thread and wait until it is gone; the iteration then ends. Closing twice is harmless."""
        with self._change:
            self._closed = True
            self._ready.clear()
            self._change.notify_all()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _work(self, step: int) -> None:
        try:
            while True:
                batch = self._sampler.batch(step)
                with self._change:
                    self._change.wait_for(lambda: len(self._ready) < self._depth or self._closed)
                    if self._closed:
                        return
                    self._ready.append((step, batch))
                    self._change.notify_all()
                step += 1
        except BaseException as error:
            with self._change:
                self._error = error
                self._change.notify_all()
