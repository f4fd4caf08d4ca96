"""What a curve looks like at so many columns: nothing that happened in a column is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ravetui.runs.series.extremes import BLOCK
from ravetui.runs.series.positions import Positions
from ravetui.runs.series.values import Line


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
    x: Positions, y: Line, window: tuple[float, float], columns: int, *, positive: bool = False
) -> Reduction:
    """The extremes, first and last value in each of `columns` equal parts of the window.

    A point on the border of two columns belongs to the right one, a point on the window's end to the last. Only the
    blocks in which a column begins or ends are looked at point by point; of all others the extremes are known.

    Args:
        x: Shape (n,).
        y: Shape (n,), NaN and ±Inf allowed.
        window: First and last x, both inclusive, first < last.
        columns: Number of columns, at least 1.
        positive: Only values above zero are drawable: for a logarithmic axis.
    """
    bounds = x.search(column_edges(window, columns), "left")
    bounds[-1] = x.search(np.array([window[1]]), "right")[0]
    column = np.flatnonzero(bounds[1:] > bounds[:-1])
    start, last = bounds[column], bounds[column + 1] - 1
    if not column.size:
        none, nothing = np.empty(0), np.empty(0, dtype=np.bool_)
        return Reduction(column, none, none, none, none, nothing, nothing, 0)
    points = _condense(y, start, last, positive=positive)
    begin, end = points.place(start), points.place(last)
    inside = slice(None, int(end[-1]) + 1)
    not_finite = np.add.reduceat(points.not_finite[inside], begin)
    return Reduction(
        column=column,
        low=np.fmin.reduceat(points.low[inside], begin),
        high=np.fmax.reduceat(points.high[inside], begin),
        first=points.low[begin],
        last=points.low[end],
        not_finite=not_finite > 0,
        not_positive=np.logical_or.reduceat(points.not_positive[inside], begin),
        not_finite_count=int(not_finite.sum()),
    )


@dataclass(frozen=True, eq=False)
class _Condensed:
    """Part of a curve with one entry for a block, or one for each point of a block that was opened. Shapes (m,)."""

    low: NDArray[np.float64]
    """The smallest drawable value, NaN without one."""
    high: NDArray[np.float64]
    not_finite: NDArray[np.int64]
    not_positive: NDArray[np.bool_]
    first_block: int
    offsets: NDArray[np.intp]
    """The entry of each block's first point, shape (blocks,)."""

    def place(self, points: NDArray[np.intp]) -> NDArray[np.intp]:
        """The entries of points in opened blocks."""
        return self.offsets[points // BLOCK - self.first_block] + points % BLOCK


def _condense(y: Line, start: NDArray[np.intp], last: NDArray[np.intp], *, positive: bool) -> _Condensed:
    """A curve from `start[0]` to `last[-1]`; the blocks of all these points are opened."""
    first, end = int(start[0]) // BLOCK, int(last[-1]) // BLOCK + 1
    opened = np.zeros(end - first, dtype=np.bool_)
    opened[start // BLOCK - first] = opened[last // BLOCK - first] = True
    sizes = np.where(opened, BLOCK, 1)
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    single = np.repeat(opened, sizes)
    points = y.blocks(first + np.flatnonzero(opened)).reshape(-1)
    finite = np.isfinite(points)
    drawable = finite & (points > 0.0) if positive else finite
    kept = np.where(drawable, points, np.nan)
    # The block after the last whole one is always opened: the curve ends in it.
    closed = first + np.flatnonzero(~opened)
    low = (y.extremes.low_positive if positive else y.extremes.low)[closed]
    high = y.extremes.high[closed]
    if positive:
        high = np.where(high > 0.0, high, np.nan)

    def both(of_points: NDArray[Any], of_blocks: NDArray[Any], kind: DTypeLike) -> NDArray[Any]:
        made = np.empty(offsets[-1], dtype=kind)
        made[single], made[~single] = of_points, of_blocks
        return made

    return _Condensed(
        low=both(kept, low, np.float64),
        high=both(kept, high, np.float64),
        not_finite=both(~finite, y.extremes.not_finite[closed], np.int64),
        not_positive=both(finite & ~drawable, (y.extremes.low[closed] <= 0.0) & positive, np.bool_),
        first_block=first,
        offsets=offsets,
    )


def column_edges(window: tuple[float, float], columns: int) -> NDArray[np.float64]:
    """The borders of the columns, shape (columns + 1,), ascending from the window's first to its last x."""
    return np.linspace(window[0], window[1], columns + 1)
