"""The cores of the machine, a thread each: every thread multiplies for itself and looks at what came out.

A BLAS that spreads one product over all cores leaves them idle while its result is looked at, and waits for the slowest
at each. Here BLAS keeps to one thread, and as many threads as it would have had work on different parts.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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
    with _turn, _blas().limit(limits=1, user_api="blas"), ThreadPoolExecutor(_threads()) as pool:
        left = iter(parts)
        ahead: list[Future[Result]] = [pool.submit(work, part) for part in islice(left, 2 * _threads())]
        try:
            while ahead:
                result = ahead.pop(0).result()
                ahead += [pool.submit(work, part) for part in islice(left, 1)]
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
