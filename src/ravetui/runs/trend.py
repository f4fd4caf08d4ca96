"""Whether a noisy curve still goes anywhere.

Plain numpy, so that the screen and the commands give the same answer and neither loads scipy; a test holds both
statistics to scipy's.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

FEWEST = 4
"""Points below which no slope is told."""
_MOST_CORRELATED = 0.9
"""So few points cannot tell a stronger correlation from a trend."""


@dataclass(frozen=True)
class Trend:
    """A slope and its 95 % interval, in units of y a unit of x."""

    slope: float
    low: float
    high: float

    @property
    def is_flat(self) -> bool:
        """Whether it may as well go up as down."""
        return self.low <= 0.0 <= self.high


def relative_trend(x: NDArray[np.float64], y: NDArray[np.float64]) -> Trend | None:
    """The slope as a share of the median of y, its interval as wide as the noise's correlation demands.

    Args:
        x: Distinct and ascending, shape (n,).
        y: Shape (n,); points that are not finite are left out.

    Returns:
        None with fewer than four finite points, or where the median of y is not above zero.
    """
    finite = np.isfinite(y)
    found = theil_sen(x, y, correlation=correlation(x, y))
    if found is None:
        return None
    middle = float(np.median(y[finite]))
    return Trend(found.slope / middle, found.low / middle, found.high / middle) if middle > 0 else None


def theil_sen(
    x: NDArray[np.float64], y: NDArray[np.float64], *, confidence: float = 0.95, correlation: float = 0.0
) -> Trend | None:
    """The median slope of all pairs of points (Theil 1950), with Sen's interval (Sen 1968, equation 2.6; ties: 4.3).

    One outlier in four points does not move it, as it does a least-squares line.

    Args:
        x: Distinct, shape (n,).
        y: Shape (n,); points that are not finite are left out.
        confidence: Of the interval.
        correlation: Of the noise with itself, a point later; see :func:`correlation`.

    Returns:
        None with fewer than four finite points.
    """
    finite = np.isfinite(y)
    x, y = x[finite], y[finite]
    if x.size < FEWEST:
        return None
    first, second = np.triu_indices(x.size, 1)
    slopes = np.sort((y[second] - y[first]) / (x[second] - x[first]))
    spread = NormalDist().inv_cdf((1 + confidence) / 2) * math.sqrt(_variance(y)) * _inflation(correlation)
    low = min(max(round((slopes.size - spread) / 2) - 1, 0), slopes.size - 1)
    high = max(min(round((slopes.size + spread) / 2), slopes.size - 1), 0)
    return Trend(float(np.median(slopes)), float(slopes[low]), float(slopes[high]))


def mann_kendall(y: NDArray[np.float64], *, correlation: float = 0.0) -> float:
    """How many standard deviations more pairs of points rise than fall (Mann 1945; Kendall 1975, with ties).

    It is standard normal where there is no trend, whatever the noise's distribution.

    Args:
        y: In order, shape (n,); points that are not finite are left out.
        correlation: See :func:`theil_sen`.

    Returns:
        0.0 with fewer than four finite points, or where all are equal.
    """
    y = y[np.isfinite(y)]
    variance = _variance(y) if y.size >= FEWEST else 0.0
    if variance <= 0.0:
        return 0.0
    first, second = np.triu_indices(y.size, 1)
    score = float(np.sign(y[second] - y[first]).sum())
    return score / (math.sqrt(variance) * _inflation(correlation))


def correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """How much each point's noise about the Theil-Sen line is like the one before it, 0 to 0.9.

    It is the lag-one autocorrelation of the ranks, which no outlier moves, corrected for being taken about a fitted
    line, which makes it too small by (1 + 4 r) / n (Marriott & Pope 1954).
    """
    finite = np.isfinite(y)
    x, y = x[finite], y[finite]
    line = theil_sen(x, y)
    if line is None:
        return 0.0
    ranks = np.argsort(np.argsort(y - line.slope * x, kind="stable"), kind="stable") - (y.size - 1) / 2
    found = float((ranks[1:] * ranks[:-1]).sum() / (ranks * ranks).sum())
    return min(max((y.size * found + 1) / max(y.size - 4, 1), 0.0), _MOST_CORRELATED)


def noise(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Standard deviation about the Theil-Sen line, from the median absolute deviation; 0.0 with too few points."""
    finite = np.isfinite(y)
    line = theil_sen(x, y)
    if line is None:
        return 0.0
    rest = y[finite] - line.slope * x[finite]
    return 1.4826 * float(np.median(np.abs(rest - np.median(rest))))


def _inflation(correlation: float) -> float:
    """How much wider correlated noise spreads (the effective sample size of a first-order process)."""
    return math.sqrt((1 + correlation) / (1 - correlation))


def _variance(y: NDArray[np.float64]) -> float:
    """Of Kendall's score where there is no trend."""
    _, ties = np.unique(y, return_counts=True)
    counts = np.concatenate(([float(y.size)], ties))
    parts = counts * (counts - 1) * (2 * counts + 5)
    return float(parts[0] - parts[1:].sum()) / 18
