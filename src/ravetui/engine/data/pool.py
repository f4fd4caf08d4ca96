"""The same work on many files at once, with progress, that stops when it is told to."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event
from typing import TypeVar

T = TypeVar("T")

Progress = Callable[[float, str], None]
"""Hears how far it is, 0 to 1, and a word about it."""

_MOST = 8
"""Threads at most: beyond, disks are the bound."""
_LOOK = 0.2
"""Time between two words about the progress, s."""


class _StoppedError(Exception):
    """Raised inside the work when somebody interrupted the whole."""


def over_files(
    work: Callable[[int, Callable[[float], None]], T], sizes: Sequence[int], progress: Callable[[float], None]
) -> list[T]:
    """Do ``work(number, on_share)`` for every file, in threads: libsndfile, soxr and hashing leave Python's lock alone.

    Args:
        work: Calls ``on_share`` now and then with how much of its file is done, 0 to 1.
        sizes: Weight of each file in the progress.
        progress: Hears how much of all is done, 0 to 1, in the calling thread.

    Returns:
        The results, in the order of the files.

    Raises:
        Exception: The first one that ``work`` raised. On it, and on KeyboardInterrupt, the other threads stop at their
            next word of progress and nothing runs on.
    """
    stop = Event()
    shares = [0.0] * len(sizes)
    total = max(1, sum(sizes))

    def one(number: int) -> T:
        def on_share(share: float) -> None:
            if stop.is_set():
                raise _StoppedError
            shares[number] = share

        on_share(0.0)
        result = work(number, on_share)
        shares[number] = 1.0
        return result

    with ThreadPoolExecutor(min(_MOST, os.cpu_count() or 1)) as pool:
        futures = [pool.submit(one, number) for number in range(len(sizes))]
        try:
            pending = set(futures)
            while pending:
                done, pending = wait(pending, _LOOK, FIRST_EXCEPTION)
                for future in done:
                    future.result()
                progress(sum(share * size for share, size in zip(shares, sizes, strict=True)) / total)
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return [future.result() for future in futures]
