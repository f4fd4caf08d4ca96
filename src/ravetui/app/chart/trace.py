"""From values to dots: the spans that draw a reduced curve on a raster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.app.chart.axis import Scale
from ravetui.app.chart.raster import Spans
from ravetui.app.chart.reduce import Reduction


@dataclass(frozen=True, eq=False)
class Trace:
    """A reduction on a scale and a raster of so many rows of dots."""

    values: Spans
    """From the lowest to the highest value of each column."""
    extremes: Spans
    """Only the lowest and the highest value of each column, and the very first and the very last value."""
    joins: Spans
    """The lines from each column's last value to the next one's first, where nothing undrawable lies between."""
    points: Spans
    """A cross of dots around each of the extremes: how few points are made to stand out."""
    above: NDArray[np.intp]
    """Columns that hold a value beyond the top of the scale, drawn in the top row."""
    below: NDArray[np.intp]
    """Columns that hold a value below the bottom of the scale, drawn in the bottom row."""


def trace(reduction: Reduction, scale: Scale, width: int, height: int) -> Trace:
    """Place a reduction on so many dots across and down, row 0 at the top.

    Values beyond the scale fall into the outermost row.
    """
    shown = np.isfinite(reduction.low)
    column = reduction.column[shown]
    low, high = reduction.low[shown], reduction.high[shown]
    top, bottom = dot_rows(high, scale, height), dot_rows(low, scale, height)
    first, last = reduction.first[:1], reduction.last[-1:]
    begin, end = np.isfinite(first), np.isfinite(last)
    rows = np.concatenate((top, bottom, dot_rows(first[begin], scale, height), dot_rows(last[end], scale, height)))
    extremes = Spans(
        np.concatenate((column, column, reduction.column[:1][begin], reduction.column[-1:][end])), top=rows, bottom=rows
    )
    joined = np.flatnonzero(reduction.joined())
    return Trace(
        values=Spans(column, top, bottom),
        extremes=extremes,
        points=_crosses(extremes, width, height),
        joins=_joins(
            reduction.column[joined],
            dot_rows(reduction.last[joined], scale, height),
            reduction.column[joined + 1],
            dot_rows(reduction.first[joined + 1], scale, height),
        ),
        above=column[high > scale.high],
        below=column[low < scale.low],
    )


def dot_rows(values: NDArray[np.float64], scale: Scale, height: int) -> NDArray[np.intp]:
    """The rows of dots where drawable values fall, shape (k,)."""
    return np.rint((1.0 - np.clip(scale.fraction(values), 0.0, 1.0)) * (height - 1)).astype(np.intp)


def _crosses(dots: Spans, width: int, height: int) -> Spans:
    """Each dot with its four neighbours, as far as they are on the raster."""
    column = np.concatenate((dots.column, np.maximum(dots.column - 1, 0), np.minimum(dots.column + 1, width - 1)))
    return Spans(
        column,
        np.concatenate((np.maximum(dots.top - 1, 0), dots.top, dots.top)),
        np.concatenate((np.minimum(dots.bottom + 1, height - 1), dots.bottom, dots.bottom)),
    )


def _joins(
    column: NDArray[np.intp], row: NDArray[np.intp], next_column: NDArray[np.intp], next_row: NDArray[np.intp]
) -> Spans:
    """Straight lines of dots from (column, row) to (next_column, next_row), next_column > column. Shapes (j,).

    Each line is cut into pairs of neighbouring columns; each gets the nearer half of the rows between their ends.
    """
    length = next_column - column
    line = np.repeat(np.arange(column.size), length)
    along = np.arange(line.size) - np.repeat(np.cumsum(length) - length, length)
    slope = (next_row - row)[line] / length[line]
    left = np.rint(row[line] + slope * along).astype(np.intp)
    right = np.rint(row[line] + slope * (along + 1)).astype(np.intp)
    middle = (left + right) // 2
    down, up = right > left, right < left
    left_end = np.where(down, middle, np.where(up, middle + 1, left))
    right_end = np.where(down, middle + 1, np.where(up, middle, right))
    at = column[line] + along
    return Spans(
        np.concatenate((at, at + 1)),
        np.concatenate((np.minimum(left, left_end), np.minimum(right, right_end))),
        np.concatenate((np.maximum(left, left_end), np.maximum(right, right_end))),
    )
