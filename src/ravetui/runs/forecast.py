"""The pace of the steps to come, and how far that can be trusted: from the pace of those that were made.

The mean pace of the next h steps is taken to be that of the last h: a short look ahead follows another job that has
just come, a long one averages over such jobs. To it comes a trend, as far as it stands out from chance. How wrong that
is has been seen in the run itself, where each stretch of steps was followed by another: the two-sample variance (Allan
1966), which counts noise, correlated or not, and a level that shifts. A short history has few such pairs, so it is
shrunk to a prior, and its few degrees of freedom widen the interval (Student's t).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PRIOR = 0.0015
"""Relative change of a machine's pace, between one stretch of a run and the next, that needs no reason."""
PRIOR_PAIRS = 1.0
"""So many pairs of stretches that prior is worth."""
GROWTH = 0.25
"""An error seen over k steps is this power of h/k times as large over h: between a level that is kept and one that
walks at random (0.5)."""
NOISE = 8
"""At least so many blocks make a level, as far as there are as many."""
DOUBT = 9.0
"""How many times the variance of chance a trend must show before any of it is believed."""
UNSURE = 0.07
"""Share of a trend that may not go on."""
_TREND_BLOCKS = 6
"""With fewer blocks there is no trend."""
_Z = 1.2816
"""The normal quantile of an 80 % interval."""
_LARGEST = 1.0
"""Largest relative error that is told, on the scale of logarithms."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pace:
    """What a step is expected to take."""

    seconds: float
    """Mean of the steps to come, seconds."""
    spread: float
    """Half the width of the 80 % interval, on the scale of logarithms: 0.1 is about ±10 %."""


def forecast(rates: Floats, ahead: float, *, weight_of_last: float = 1.0) -> Pace:
    """The mean pace of what is ahead.

    Args:
        rates: Seconds a step, the mean of each of the consecutive blocks of steps of one length, oldest first: shape
            (blocks,), at least one.
        ahead: What is ahead, in blocks.
        weight_of_last: The last block's length, as a share of a block's.
    """
    count = len(rates)
    window = int(min(max(math.ceil(ahead), min(NOISE, count)), count))
    weights = np.ones(window)
    weights[-1] = weight_of_last
    level = float(np.average(rates[-window:], weights=weights))
    whole = rates if weight_of_last == 1.0 else rates[:-1]
    found = _two_sample(whole, ahead)
    distance = (window + ahead) / 2
    # A trend is followed no further than twice as long as it has been seen, and no pace becomes nothing.
    followed = min(distance, 2 * count)
    level = max(level + found.slope * followed, level / 2)
    trend = (found.slope_error * followed) ** 2 + (UNSURE * found.slope * distance) ** 2
    seen = (found.variance + trend) / max(level, 1e-12) ** 2
    pooled = (PRIOR_PAIRS * PRIOR**2 + found.pairs * seen) / (PRIOR_PAIRS + found.pairs)
    return Pace(level, min(student(PRIOR_PAIRS + found.pairs) * math.sqrt(pooled), _LARGEST))


def student(freedom: float) -> float:
    """Student's t quantile of an 80 % interval (Fisher's expansion to its third term; fewer than 1 are 1)."""
    z, n = _Z, max(freedom, 1.0)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + (z**3 + z) / (4 * n) + second / n**2 + third / n**3


@dataclass(frozen=True)
class _Seen:
    """What a run has shown of how one stretch of it differs from the one before."""

    variance: float = 0.0
    """Mean square of the difference, the trend apart."""
    pairs: float = 0.0
    """How many independent pairs gave it."""
    slope: float = 0.0
    """Trend a block, as far as it stands out from that."""
    slope_error: float = 0.0


def _two_sample(rates: Floats, ahead: float) -> _Seen:
    """The differences between each stretch of blocks and the one before it, for stretches as long as what is ahead."""
    count = len(rates)
    if count < 2:
        return _Seen()
    third = max(count // 3, 1)
    rise = float(rates[-third:].mean() - rates[:third].mean()) / (count - third)
    error = _differences(rates - rise * np.arange(count), third)[0] ** 0.5 / (count - third)
    # Shrunk by what chance alone would show (the positive part of James and Stein's factor).
    slope = rise * max(1 - DOUBT * (error / rise) ** 2, 0.0) if rise and count >= _TREND_BLOCKS else 0.0
    length = int(min(max(round(ahead), 1), third))
    square, pairs = _differences(rates - slope * np.arange(count), length)
    return _Seen(square * max(ahead / length, 1.0) ** (2 * GROWTH), pairs, slope, error if slope else 0.0)


def _differences(rates: Floats, length: int) -> tuple[float, float]:
    """Mean square difference of adjacent means of so many blocks, overlapping; and how many are independent."""
    sums = np.concatenate(([0.0], np.cumsum(rates)))
    means = (sums[length:] - sums[:-length]) / length
    return float(np.mean((means[length:] - means[:-length]) ** 2)), max(len(rates) / length - 1, 1.0)
