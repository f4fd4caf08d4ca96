"""What range an axis shows, and where a value falls on it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ravetui.app.chart.series import ChartSeries, PhaseLine

_LARGEST = 1e300
"""No axis reaches further, or nearer to zero than its inverse on a logarithmic one: beyond, differences overflow."""
_NARROWEST = 1e-9
"""A range below this fraction of its values is widened: no label could tell its ends apart."""
_SMALLEST = 1e-280
"""A span below it is none: parts of it would be 0."""
_FEW = 8
"""With fewer columns than this no value counts as an outlier."""
_RARE = 0.02
"""The share of the columns, and one at least, that may be outliers at either end."""
_OUTLYING = 3.0
"""The range is cut when all values together span this many times what all but the outermost 2 % span."""
_DECADE = 1.0
"""What equal values count as spanning on a logarithmic axis, decades."""
_MARGIN = 0.25
"""How much of the common values' span is kept free beyond them when the range is cut."""
_FAR = 2.0
"""A coming phase is on the axis only if the whole way to it is at most this many times the way already gone."""


@dataclass(frozen=True)
class Scale:
    """A vertical axis from `low` to `high`, low < high, both above zero if it is logarithmic."""

    low: float
    high: float
    log: bool

    def fraction(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where drawable values fall, shape (k,): 0 at `low`, 1 at `high`, outside [0, 1] beyond them."""
        if self.log:
            low, high = math.log10(self.low), math.log10(self.high)
            values = np.log10(values)
        else:
            low, high = self.low, self.high
            values = np.clip(values, -_LARGEST, _LARGEST)
        with np.errstate(over="ignore"):
            return (values - low) / (high - low)


class Extremes(Protocol):
    """What a vertical axis has to hold, a part of it a column: NaN where a column has nothing."""

    @property
    def low(self) -> NDArray[np.float64]:
        """The lowest values, shape (k,)."""

    @property
    def high(self) -> NDArray[np.float64]:
        """The highest values, shape (k,)."""


def y_scale(extremes: Sequence[Extremes], *, log: bool) -> Scale | None:
    """The range that shows the curves: all of it, unless a few columns would squash the rest.

    The outermost 2 % of the columns' extremes, and at least one at either end, are left out of the common span. If all
    values together span more than three times as much, the range ends a quarter of the common span beyond it; the rest
    is at the edge. So one column, however far out, squashes no curve of eight columns or more.

    Returns:
        None when there is nothing drawable.
    """
    low = np.concatenate([one.low for one in extremes] or [np.empty(0)])
    high = np.concatenate([one.high for one in extremes] or [np.empty(0)])
    low, high = low[np.isfinite(low)], high[np.isfinite(high)]
    if not low.size:
        return None
    if log:
        bottom, top = _robust_range(np.log10(low), np.log10(high), narrowest=_DECADE)
        # Back through the logarithm only where the range was cut: rounded, an end would leave its own value outside.
        bottom = 10.0**bottom if bottom > np.log10(low.min()) else float(low.min())
        top = 10.0**top if top < np.log10(high.max()) else float(high.max())
        bottom, top = float(np.clip(bottom, 1 / _LARGEST, _LARGEST)), float(np.clip(top, 1 / _LARGEST, _LARGEST))
        return Scale(*((bottom, top) if top > bottom * (1 + _NARROWEST) else (bottom / 1.1, top * 1.1)), log=True)
    ends = _robust_range(np.clip(low, -_LARGEST, _LARGEST), np.clip(high, -_LARGEST, _LARGEST))
    return Scale(*_widened(*ends), log=False)


def x_window(series: Sequence[ChartSeries], phases: Sequence[PhaseLine]) -> tuple[float, float] | None:
    """The steps a chart shows: all points, and the next phases unless they are still far away.

    The end is rounded up to a 32nd of the span's power of two: while a run goes on, columns stay what they are and only
    the last one changes, until the window grows by at most 3 %.

    Returns:
        None when there is no point.
    """
    drawn = [one.places for one in series if one.places.size]
    if not drawn:
        return None
    first, last = min(one[0] for one in drawn), max(one[-1] for one in drawn)
    end = last
    for phase in phases:
        if last - first >= (phase.x - first) / _FAR:
            end = max(end, phase.x)
    span = end - first
    if not span > max(_NARROWEST * max(abs(first), abs(end)), _SMALLEST):
        margin = max(0.5, abs(first) * _NARROWEST)
        return first - margin, first + margin
    unit = 2.0 ** (math.floor(math.log2(span)) - 5)
    return first, max(end, first + math.ceil(span / unit) * unit)


def _robust_range(
    low: NDArray[np.float64], high: NDArray[np.float64], *, narrowest: float = 0.0
) -> tuple[float, float]:
    """The range of the columns' extremes, shapes (k,), cut where it is mostly outliers.

    Args:
        low: Smallest value of each column.
        high: Largest value of each column.
        narrowest: What values that are all equal count as spanning; with 0 they have no outliers.
    """
    bottom, top = float(low.min()), float(high.max())
    if low.size < _FEW:
        return bottom, top
    # Order statistics, not interpolated quantiles: of few columns an interpolated one leans on the outlier itself.
    rare = math.ceil(_RARE * low.size)
    common_bottom = float(np.partition(low, rare)[rare])
    common_top = float(np.partition(high, high.size - 1 - rare)[high.size - 1 - rare])
    common = common_top - common_bottom or narrowest
    if common <= 0.0 or top - bottom <= _OUTLYING * common:
        return bottom, top
    return max(bottom, common_bottom - _MARGIN * common), min(top, common_top + _MARGIN * common)


def _widened(low: float, high: float) -> tuple[float, float]:
    """The same range, or for (nearly) one value a range of 10 % around it."""
    magnitude = max(abs(low), abs(high))
    if high - low > max(_NARROWEST * magnitude, 1e-300):
        return low, high
    margin = 0.05 * magnitude if magnitude > 1e-290 else 0.5
    return low - margin, high + margin
