"""Exponential smoothing of a curve of any length."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_SMALLEST_WEIGHT = 1e-50
"""How small a power of the decay may become inside a chunk: short of underflow for values above 1e-250."""

_BLOCK = 1 << 18
"""Values worked on at a time: two megabytes stay in the cache, and memory stays flat for ten million."""


def smooth(values: NDArray[np.float64], smoothing: float) -> NDArray[np.float64]:
    """The debiased exponential moving average over the finite values.

    `s_k = a·s_{k−1} + (1 − a)·y_k`, `s_0 = 0`, reported as `s_k / (1 − a^k)` (Kingma and Ba 2015, section 3), where k
    counts finite values only: a NaN or ±Inf stays a gap (NaN) and changes no neighbour.

    Args:
        values: Shape (n,).
        smoothing: The decay a, 0 ≤ a < 1; 0 returns the finite values as they are.

    Returns:
        Shape (n,), NaN where the value is not finite.

    Raises:
        ValueError: The smoothing is outside [0, 1).
    """
    if not 0.0 <= smoothing < 1.0:
        raise ValueError(f"smoothing {smoothing} is not in [0, 1)")
    finite = np.isfinite(values)
    if finite.all():
        return _average(values, smoothing)
    averaged = np.full(values.shape, np.nan)
    averaged[finite] = _average(values[finite], smoothing)
    return averaged


def _average(values: NDArray[np.float64], decay: float) -> NDArray[np.float64]:
    """The debiased average of finite values, shape (n,)."""
    if decay == 0.0 or not values.size:
        return values
    averaged = np.empty_like(values)
    carry = 0.0
    for start in range(0, values.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        averaged[block] = _scan(values[block] * (1.0 - decay), decay, carry)
        carry = float(averaged[block][-1])
    # Once decay^k is below half an ulp of 1 the correction changes nothing.
    young = min(values.size, math.ceil(-40.0 / math.log(decay)))
    averaged[:young] /= -np.expm1(np.arange(1, young + 1) * math.log(decay))
    return averaged


def _scan(values: NDArray[np.float64], decay: float, carry: float) -> NDArray[np.float64]:
    """Solves `s_k = decay·s_{k−1} + v_k` from `s_{−1} = carry`, shape (n,), without a loop over the values.

    Cut into chunks of length L, a chunk is a cumulative sum of `v_i·decay^(L−1−i)`, divided by the same weights, plus
    what the chunk before it left over. The weights grow, from 1e-50 or more to 1, so a sum is as exact as a loop.
    """
    length = min(values.size, max(1, int(math.log(_SMALLEST_WEIGHT) / math.log(decay))))
    chunks = -(-values.size // length)
    powers = decay ** np.arange(length + 1)
    weights = powers[length - 1 :: -1]
    sums = np.zeros((chunks, length))
    sums.reshape(-1)[: values.size] = values
    sums *= weights
    np.cumsum(sums, axis=1, out=sums)
    sums /= weights
    ends = np.concatenate(([carry], sums[:-1, -1]))
    sums += _scan_by_doubling(ends, float(powers[length]))[:, None] * powers[1:]
    return sums.reshape(-1)[: values.size]


def _scan_by_doubling(values: NDArray[np.float64], decay: float) -> NDArray[np.float64]:
    """The same recursion for a small decay: pass i reaches 2^i values back, and decay^(2^i) soon is nothing."""
    sums = values.copy()
    reach = 1
    while reach < sums.size and decay > 0.0:
        sums[reach:] += decay * sums[:-reach]
        reach *= 2
        decay *= decay
    return sums
