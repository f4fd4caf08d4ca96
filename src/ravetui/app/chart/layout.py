"""How the cells of a chart are shared out between the curves and the words around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ravetui.app.chart.axis import Extremes, Scale, y_scale
from ravetui.app.chart.interval import Bars, bars_of
from ravetui.app.chart.raster import DOTS_ACROSS, DOTS_DOWN
from ravetui.app.chart.reduce import Reduction, reduce_series
from ravetui.app.chart.series import ChartSeries
from ravetui.app.chart.ticks import Tick, y_ticks
from ravetui.app.chart.trace import dot_rows
from ravetui.runs.series.anew import LineBegunAnew
from ravetui.runs.series.values import Line

_GUTTER = 6
"""Cells kept for the labels of the vertical axis; more if they need it, none on a chart too narrow for them."""
_NARROW = 16
"""Below this width the vertical axis has no labels."""
_ROWS_A_TICK = 3
_FEWEST_TICKS = 3


@dataclass(frozen=True, eq=False)
class Curve:
    """A series and the line that stands for it."""

    series: ChartSeries
    smoothing: float = 0.0
    """The decay of the average that stands for it, 0 ≤ smoothing < 1; 0 draws the raw values."""
    phases: tuple[float, ...] = ()
    """Where the average begins anew: a sum of losses that is 5 at the end of one phase and 60 in the next was never 20.
    The point at such an x is the last of the phase before."""

    def line(self) -> Line:
        """What stands for it."""
        values = self.series.values
        if not (self.smoothing and self.phases):
            return values.line(self.smoothing)
        starts = self.series.places.search(np.array(self.phases), "right")
        return LineBegunAnew(values, self.smoothing, np.unique(starts).tolist())


@dataclass(frozen=True, eq=False)
class Drawn:
    """A curve reduced to the columns of dots."""

    curve: Curve
    raw: Reduction
    line: Reduction
    bars: Bars | None = None
    """The intervals around its values, if it has any."""

    @property
    def banded(self) -> bool:
        """Whether the raw values are drawn behind the line."""
        return self.curve.series.band and self.line is not self.raw

    @property
    def outermost(self) -> Reduction:
        """What of it reaches furthest: an average lies between the values it is taken over."""
        return self.raw if self.banded else self.line

    @property
    def extremes(self) -> list[Extremes]:
        """What the vertical axis has to hold of it."""
        return [self.outermost] if self.bars is None else [self.outermost, self.bars]

    def reaches_above(self, scale: Scale) -> bool:
        """Whether something of it lies above the scale."""
        return any(bool((one.high > scale.high).any()) for one in self.extremes)

    def reaches_below(self, scale: Scale) -> bool:
        """Whether something of it lies below the scale."""
        return bool((self.outermost.low < scale.low).any()) or (
            self.bars is not None and bool(self.bars.below(scale).size)
        )


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the curves go, and what is in them. Rows and columns are cells of the picture."""

    window: tuple[float, float]
    drawn: list[Drawn]
    scale: Scale | None
    """None when no value can be drawn."""
    ticks: list[Tick]
    """Of the vertical axis."""
    left: int
    """First column of the curves."""
    columns: int
    top: int
    """First row of the curves."""
    rows: int
    marks_above: int | None
    """The row for marks of what lies above the scale, if anything does."""
    marks_below: int | None
    """The row for marks of what lies below the scale or on no scale, if anything does."""
    gutter: int = 0
    """Cells before the curves that are for the labels of the vertical axis."""

    @property
    def bottom(self) -> int:
        """The row after the last that belongs to the curves or their marks."""
        return self.top + self.rows + (self.marks_below == self.top + self.rows)

    def column(self, x: float) -> int:
        """The column of the picture where an x inside the window falls."""
        start, end = self.window
        return self.left + min(int((x - start) / (end - start) * self.columns), self.columns - 1)

    def row(self, value: float) -> int:
        """The row of the picture where a value inside the scale falls."""
        assert self.scale is not None
        return self.top + int(dot_rows(np.array([value]), self.scale, self.rows * DOTS_DOWN)[0]) // DOTS_DOWN


def lay_out(
    curves: Sequence[Curve], window: tuple[float, float], *, columns: int, top: int, rows: int, log: bool
) -> Layout:
    """Reduce the curves to the columns that the labels leave them, and give marks a row of their own if there are any.

    Args:
        curves: What to draw.
        window: First and last step.
        columns: Width of the picture, at least 1.
        top: The first row that is free.
        rows: How many rows are free from there, at least 1.
        log: Whether the vertical axis is logarithmic.
    """
    left = _GUTTER if columns >= _NARROW else 0
    drawn, scale, ticks = _fit(curves, window, columns - left, rows, log=log)
    needed = max((len(tick.label) + 1 for tick in ticks), default=0)
    if left and needed > left:
        left = min(needed, columns // 2)
        drawn, scale, ticks = _fit(curves, window, columns - left, rows, log=log)
    above = below = any(bool(one.raw.not_finite.any() or one.raw.not_positive.any()) for one in drawn)
    if scale is not None:
        above = any(one.reaches_above(scale) for one in drawn)
        below = below or any(one.reaches_below(scale) for one in drawn)
    # On a chart too low for rows of their own the marks lie over the curves.
    roomy = rows - above - below >= 1
    top, rows = (top + above, rows - above - below) if roomy else (top, rows)
    return Layout(
        window=window,
        drawn=drawn,
        scale=scale,
        ticks=ticks,
        left=left,
        columns=columns - left,
        top=top,
        rows=rows,
        marks_above=top - roomy if above else None,
        marks_below=top + rows - 1 + roomy if below else None,
        gutter=left,
    )


def _fit(
    curves: Sequence[Curve], window: tuple[float, float], columns: int, rows: int, *, log: bool
) -> tuple[list[Drawn], Scale | None, list[Tick]]:
    """The curves on so many cells, the scale that holds them and its ticks."""
    dots = columns * DOTS_ACROSS
    drawn = []
    for curve in curves:
        series = curve.series
        x, y = series.places, series.values
        raw = line = reduce_series(x, curve.line(), window, dots, positive=log)
        # Without a band the raw values are only seen where a logarithmic axis cannot show them.
        if curve.smoothing and (series.band or log):
            raw = reduce_series(x, y.line(), window, dots, positive=log)
        drawn.append(Drawn(curve, raw, line, bars_of(series, window, columns, positive=log)))
    scale = y_scale([part for one in drawn for part in one.extremes], log=log)
    return drawn, scale, y_ticks(scale, max(_FEWEST_TICKS, rows // _ROWS_A_TICK)) if scale else []
