"""Whether two rankings of a few things agree, without scipy: Kendall's tau-b, exact for few."""

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

EXACT = 8
"""Up to so many things all orders are looked at, 40 320; of more, so many at random."""
DRAWN = 9999
SEED = 0


def kendall_tau_b(x: Floats, y: Floats) -> float:
    """Kendall's rank correlation with ties (Kendall 1945, eq. for tau-b).

    Args:
        x: (n,), at least two, all finite.
        y: The same.

    Returns:
        -1 to 1; NaN where all of one are equal: then there is no order to agree with.
    """
    first, second = _signs(x), _signs(y)
    size = np.sqrt(float((first**2).sum()) * float((second**2).sum()))
    return float((first * second).sum() / size) if size else float("nan")


def kendall_p_value(x: Floats, y: Floats) -> float:
    """How often a random order agrees or disagrees at least as much: a permutation test, two-sided, right with ties.

    Args:
        x: (n,), at least two, all finite.
        y: The same.

    Returns:
        Exact for up to :data:`EXACT` things, from random orders beyond.
    """
    first, second = _signs(x), _signs(y)
    observed = abs(float((first * second).sum()))
    count = len(x)
    if count <= EXACT:
        orders = np.array(list(permutations(range(count))))
        return float((_agreement(first, second, orders) >= observed).mean())
    random = np.random.default_rng(SEED)
    orders = random.random((DRAWN, count)).argsort(axis=1)
    return float((1 + (_agreement(first, second, orders) >= observed).sum()) / (1 + DRAWN))


def _signs(values: Floats) -> NDArray[np.int32]:
    """Which of each pair is larger, (n, n)."""
    return np.sign(values[:, None] - values[None, :]).astype(np.int32)


def _agreement(first: NDArray[np.int32], second: NDArray[np.int32], orders: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs of one order less those of the other, without sign, for each order of the second, (orders,)."""
    count = len(first)
    upper = [(row, column) for row in range(count) for column in range(row)]
    found = np.zeros(len(orders), dtype=np.int64)
    for row, column in upper:
        found += 2 * first[row, column] * second[orders[:, row], orders[:, column]]
    return np.abs(found)
