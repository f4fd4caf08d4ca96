"""Intervals around measurements: bars from their lower to their upper ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.app.chart.axis import Scale
from ravetui.app.chart.raster import DOTS_ACROSS, DOTS_DOWN, Spans
from ravetui.app.chart.reduce import column_edges
from ravetui.app.chart.series import ChartSeries
from ravetui.app.chart.trace import dot_rows


@dataclass(frozen=True, eq=False)
class Bars:
    """The intervals inside a window, on its columns of dots. All arrays have shape (b,)."""

    column: NDArray[np.intp]
    low: NDArray[np.float64]
    """Lower ends; the upper one where the lower is on no logarithmic axis."""
    high: NDArray[np.float64]
    bottomless: NDArray[np.bool_]
    """Whether the interval goes on below all that a logarithmic axis can show."""

    def below(self, scale: Scale) -> NDArray[np.intp]:
        """Columns with an interval that goes on below the scale."""
        return self.column[self.bottomless | (self.low < scale.low)]

    def above(self, scale: Scale) -> NDArray[np.intp]:
        """Columns with an interval that goes on above the scale."""
        return self.column[self.high > scale.high]

    def spans(self, scale: Scale, rows: int) -> Spans:
        """The bars on so many rows of cells."""
        height = rows * DOTS_DOWN
        bottom = np.where(self.bottomless, height - 1, dot_rows(self.low, scale, height))
        return Spans(self.column, dot_rows(self.high, scale, height), bottom)


def bars_of(series: ChartSeries, window: tuple[float, float], columns: int, *, positive: bool) -> Bars | None:
    """The intervals of the points inside the window; None when the series has no intervals.

    A point without a finite interval has no bar; nor has one, on a logarithmic axis, whose interval is all below zero.

    Args:
        series: What was measured.
        window: First and last x, both inclusive.
        columns: Cells across.
        positive: Whether the axis shows only values above zero.
    """
    if series.low is None or series.high is None:
        return None
    edges = column_edges(window, columns * DOTS_ACROSS)
    places = np.asarray(series.places)
    first, end = np.searchsorted(places, window[0], "left"), np.searchsorted(places, window[1], "right")
    x, low, high = places[first:end], series.low[first:end], series.high[first:end]
    there = np.isfinite(low) & np.isfinite(high) & ((high > 0.0) | (not positive))
    x, low, high = x[there], low[there], high[there]
    column = np.minimum(np.searchsorted(edges, x, "right") - 1, columns * DOTS_ACROSS - 1)
    bottomless = (low <= 0.0) & positive
    return Bars(column.astype(np.intp), np.where(bottomless, high, low), high, bottomless)
