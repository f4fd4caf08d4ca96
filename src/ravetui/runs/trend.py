"""Whether a noisy curve still goes anywhere."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEWEST = 4
"""Points below which no slope is told."""
_Z = 1.959964
"""Of a two-sided interval of 95 %."""


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
    """The same as :func:`theil_sen` as shares of the median of y; None also where that is not above zero."""
    found = theil_sen(x, y)
    if found is None:
        return None
    middle = float(np.nanmedian(np.where(np.isfinite(y), y, np.nan)))
    return Trend(found.slope / middle, found.low / middle, found.high / middle) if middle > 0 else None


def theil_sen(x: NDArray[np.float64], y: NDArray[np.float64]) -> Trend | None:
    """The median slope of all pairs of points (Theil 1950), with Sen's interval (Sen 1968, equation 2.6, no ties).

    One outlier in four points does not move it, as it does a least-squares line.

    Args:
        x: Distinct, shape (n,).
        y: Shape (n,); points that are not finite are left out.

    Returns:
        None with fewer than four finite points.
    """
    finite = np.isfinite(y)
    x, y = x[finite], y[finite]
    if x.size < FEWEST:
        return None
    first, second = np.triu_indices(x.size, 1)
    slopes = np.sort((y[second] - y[first]) / (x[second] - x[first]))
    spread = _Z * math.sqrt(x.size * (x.size - 1) * (2 * x.size + 5) / 18)
    low = max(round((slopes.size - spread) / 2) - 1, 0)
    high = min(round((slopes.size + spread) / 2), slopes.size - 1)
    return Trend(float(np.median(slopes)), float(slopes[low]), float(slopes[high]))
