"""What a curve looks like at so many columns: nothing that happened in a column is lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Reduction:
    """The columns that hold at least one point, k of them, in ascending order.

    A value is *drawable* where it is finite (and above zero on a logarithmic axis). All arrays have shape (k,).
    """

    column: NDArray[np.intp]
    """Which column."""
    low: NDArray[np.float64]
    """The smallest drawable value in the column, NaN where there is none: a gap."""
    high: NDArray[np.float64]
    """The largest drawable value in the column, NaN where there is none."""
    first: NDArray[np.float64]
    """The column's first value, NaN if that is not drawable: then no line enters the column."""
    last: NDArray[np.float64]
    """The column's last value, NaN if that is not drawable: then no line leaves the column."""
    not_finite: NDArray[np.bool_]
    """Whether the column holds a NaN or ±Inf."""
    not_positive: NDArray[np.bool_]
    """Whether the column holds a finite value that a logarithmic axis cannot show; never set on a linear one."""
    not_finite_count: int
    """How many values in the window are NaN or ±Inf."""

    def joined(self) -> NDArray[np.bool_]:
        """Whether a line leads from a column to the next in the list, shape (k − 1,): both its ends are drawable."""
        return np.isfinite(self.last[:-1]) & np.isfinite(self.first[1:])


def reduce_series(
    x: NDArray[np.float64], y: NDArray[np.float64], window: tuple[float, float], columns: int, *, positive: bool = False
) -> Reduction:
    """The extremes, first and last value in each of `columns` equal parts of the window.

    A point on the border of two columns belongs to the right one, a point on the window's end to the last.

    Args:
        x: Ascending, shape (n,).
        y: Shape (n,), NaN and ±Inf allowed.
        window: First and last x, both inclusive, first < last.
        columns: Number of columns, at least 1.
        positive: Only values above zero are drawable: for a logarithmic axis.
    """
    bounds = np.searchsorted(x, column_edges(window, columns), side="left")
    bounds[-1] = np.searchsorted(x, window[1], side="right")
    column = np.flatnonzero(bounds[1:] > bounds[:-1])
    start, end = bounds[column], bounds[column + 1]
    if not column.size:
        none, nothing = np.empty(0), np.empty(0, dtype=np.bool_)
        return Reduction(column, none, none, none, none, nothing, nothing, 0)
    inside, offsets = y[start[0] : end[-1]], start - start[0]
    low, high = np.minimum.reduceat(inside, offsets), np.maximum.reduceat(inside, offsets)
    first, last = y[start].copy(), y[end - 1].copy()
    not_finite, not_positive = np.zeros(column.size, dtype=np.bool_), np.zeros(column.size, dtype=np.bool_)
    count = 0
    # A NaN survives minimum, ±Inf one of the two: only the columns that show one are looked at again, value by value.
    odd = ~(np.isfinite(low) & np.isfinite(high))
    if positive:
        odd |= low <= 0.0
    if odd.any():
        sizes = end - start
        values = inside[np.repeat(odd, sizes)]
        offsets = np.concatenate(([0], np.cumsum(sizes[odd])[:-1]))
        finite = np.isfinite(values)
        drawable = finite & (values > 0.0) if positive else finite
        count = int(values.size - np.count_nonzero(finite))
        not_finite[odd] = np.logical_or.reduceat(~finite, offsets)
        not_positive[odd] = np.logical_or.reduceat(finite & ~drawable, offsets)
        kept = np.where(drawable, values, np.nan)
        low[odd], high[odd] = np.fmin.reduceat(kept, offsets), np.fmax.reduceat(kept, offsets)
        first[odd], last[odd] = kept[offsets], kept[np.concatenate((offsets[1:], [kept.size])) - 1]
    return Reduction(column, low, high, first, last, not_finite, not_positive, count)


def column_edges(window: tuple[float, float], columns: int) -> NDArray[np.float64]:
    """The borders of the columns, shape (columns + 1,), ascending from the window's first to its last x."""
    return np.linspace(window[0], window[1], columns + 1)
