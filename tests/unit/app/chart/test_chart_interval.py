"""Bars of intervals: nothing hidden, nothing invented."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.app.chart.axis import x_window
from ravetui.app.chart.layout import Curve, Layout, lay_out
from ravetui.app.chart.picture import Picture
from ravetui.app.chart.plot import Caption, Frame, draw
from ravetui.app.chart.series import ChartSeries
from ravetui.app.chart.trace import dot_rows
from tests.braille import column_of, dots_of

ends = st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, math.nan, math.inf, 1e-12])
points = st.lists(st.tuples(st.floats(-1e3, 1e3), ends, ends), min_size=1, max_size=40)


def scored(found: list[tuple[float, float, float]]) -> ChartSeries:
    value, a, b = (np.array(column) for column in zip(*found, strict=True))
    low, high = np.where(a < b, a, b), np.where(a < b, b, a)
    x = np.arange(float(len(found))) * 100
    return ChartSeries("FAD", x, value, "run-1", markers=True, low=low, high=high)


def drawn(series: ChartSeries, columns: int, rows: int, *, log: bool = False) -> tuple[Picture, Layout]:
    curve, window = Curve(series), x_window([series], [])
    assert window is not None
    picture = draw([curve], [], Caption(), Frame(log=log), columns=columns, rows=rows)
    legend, labels = rows >= 4, rows >= 3
    layout = lay_out([curve], window, columns=columns, top=int(legend), rows=rows - legend - labels, log=log)
    return picture, layout


@given(points, st.integers(2, 60), st.integers(8, 20), st.booleans())
def test_every_interval_has_its_bar_and_its_marks(
    found: list[tuple[float, float, float]], columns: int, rows: int, log: bool
) -> None:
    series = scored(found)
    picture, layout = drawn(series, columns, rows, log=log)
    if layout.scale is None:
        return
    dots, height = dots_of(picture, layout), layout.rows * 4
    assert series.low is not None and series.high is not None
    for x, low, high in zip(np.asarray(series.places).tolist(), series.low, series.high, strict=True):
        if not (math.isfinite(low) and math.isfinite(high)) or (log and high <= 0):
            continue
        top = int(dot_rows(np.array([high]), layout.scale, height)[0])
        open_below = log and low <= 0
        bottom = height - 1 if open_below else int(dot_rows(np.array([low]), layout.scale, height)[0])
        column = column_of(x, layout)
        assert dots[top : bottom + 1, column].all()
        cell = layout.left + column // 2
        if open_below or low < layout.scale.low:
            assert layout.marks_below is not None and picture.text(layout.marks_below)[cell] in "×▾"
        if high > layout.scale.high:
            assert layout.marks_above is not None and picture.text(layout.marks_above)[cell] == "▴"


def test_no_dot_stands_where_no_interval_point_or_line_is() -> None:
    series = scored([(2.0, 1.0, 3.0), (2.0, 1.5, 2.5), (2.0, math.nan, math.nan)])
    picture, layout = drawn(series, 80, 20)
    dots = dots_of(picture, layout)
    assert layout.scale is not None
    heights = [np.flatnonzero(dots[:, column_of(x, layout)]) for x in np.asarray(series.places).tolist()]
    span = [int(rows.max() - rows.min()) for rows in heights]
    assert span[0] == layout.rows * 4 - 1 and span[1] == pytest.approx(span[0] / 2, abs=1)
    assert span[2] <= 2, "a measurement without an interval is its marker alone"
    assert np.array_equal(np.diff(heights[0]), np.ones(heights[0].size - 1)), "a bar has no holes"
    between = dots[:, column_of(0.0, layout) + 3 : column_of(100.0, layout) - 2]
    assert (between.sum(axis=0) == 1).all(), "only the line leads from one to the next"


def test_two_bars_in_one_column_keep_the_gap_between_them() -> None:
    x, y = np.array([0.0, 0.1, 1000.0]), np.array([1.5, 9.5, 5.0])
    series = ChartSeries("FAD", x, y, "run-1", markers=False, low=y - 0.5, high=y + 0.5)
    _, layout = drawn(series, 60, 20)
    bars, scale = layout.drawn[0].bars, layout.scale
    assert bars is not None and scale is not None
    assert bars.column[0] == bars.column[1]
    spans = bars.spans(scale, layout.rows)
    assert spans.bottom[1] < spans.top[0] - 1


def test_the_scale_holds_the_intervals_and_not_only_the_values() -> None:
    _, layout = drawn(scored([(2.0, 0.5, 9.0), (2.1, 1.9, 2.2)]), 60, 12)
    assert layout.scale is not None and (layout.scale.low, layout.scale.high) == (0.5, 9.0)


def test_other_intervals_are_another_picture() -> None:
    one, other = scored([(2.0, 1.0, 3.0)]), scored([(2.0, 1.0, 4.0)])
    assert one.same_as(scored([(2.0, 1.0, 3.0)])) and not one.same_as(other)
    assert not one.same_as(ChartSeries("FAD", one.x, one.y, "run-1", markers=True))
    with pytest.raises(ValueError, match="shape"):
        ChartSeries("FAD", one.x, one.y, "run-1", low=np.zeros(2), high=np.zeros(2))
