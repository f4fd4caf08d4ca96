"""The cores of the machine, a thread each: every thread multiplies for itself and looks at what came out.

A BLAS that spreads one product over all cores leaves them idle while its result is looked at, and waits for the slowest
at each. Here BLAS keeps to one thread, and as many threads as it would have had work on different parts.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from itertools import islice
from threading import RLock
from typing import TypeVar

from threadpoolctl import ThreadpoolController

MOST = 16
"""Threads, whatever the machine has: each holds a tile."""

_turn = RLock()
"""How many threads BLAS has is one number for the process: whoever changes it goes alone until it is back."""

Part = TypeVar("Part")
Result = TypeVar("Result")


def in_turn(work: Callable[[Part], Result], parts: Iterable[Part]) -> Iterator[Result]:
    """Work on all parts side by side, and give the results in the order of the parts.

    So whatever sums them up gets the same bits on any number of cores. Of the results, a few wait at any time.

    Args:
        work: Runs in several threads at once.
        parts: What to work on.
    """
    left = iter(parts)
    with one_thread() as threads, ThreadPoolExecutor(threads) as pool:
        yield from _in_order(pool, work, left, 2 * threads)


@contextmanager
def one_thread() -> Iterator[int]:
    """Keep BLAS to one thread, and say how many threads of ours may take their place.

    It pays for a matrix of a thousand rows too: threads of a BLAS that wait for each other spin.
    """
    with _turn:
        threads = _threads()  # asked before there is only one
        with _blas().limit(limits=1, user_api="blas"):
            yield threads


def _in_order(
    pool: ThreadPoolExecutor, work: Callable[[Part], Result], left: Iterator[Part], most: int
) -> Iterator[Result]:
    """The results in order, `most` of them begun or waiting."""
    ahead: deque[Future[Result]] = deque(pool.submit(work, part) for part in islice(left, most))
    try:
        while ahead:
            result = ahead.popleft().result()
            ahead.extend(pool.submit(work, part) for part in islice(left, 1))
            yield result
    finally:
        for future in ahead:
            future.cancel()


@cache
def _blas() -> ThreadpoolController:
    """The BLAS of numpy; asking which libraries are loaded takes a few milliseconds."""
    return ThreadpoolController().select(user_api="blas")


@cache
def _threads() -> int:
    """As many as BLAS was allowed at first, by the machine or by who started the process."""
    return min(MOST, max((library["num_threads"] for library in _blas().info()), default=1))
