"""What must be true of every picture, whatever the numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rich.cells import cell_len

from ravetui.app.chart.axis import x_window
from ravetui.app.chart.layout import Curve, Layout, lay_out
from ravetui.app.chart.picture import Ink, Picture
from ravetui.app.chart.plot import Caption, Frame, draw
from ravetui.app.chart.reduce import column_edges
from ravetui.app.chart.series import ChartSeries, PhaseLine
from ravetui.app.chart.trace import dot_rows

CAPTION = Caption("loss", "log · ema 0.9", "no step yet")
BITS = {(0, 0): 1, (1, 0): 2, (2, 0): 4, (3, 0): 64, (0, 1): 8, (1, 1): 16, (2, 1): 32, (3, 1): 128}


def a_series(y: NDArray[np.float64], x: NDArray[np.float64] | None = None, *, band: bool = False) -> ChartSeries:
    return ChartSeries("train", np.arange(float(y.size)) if x is None else x, y, "loss-train", band=band)


def picture_of(series: ChartSeries, columns: int, rows: int, *, log: bool = False, smoothing: float = 0.0) -> Picture:
    curve = Curve(series, smoothing)
    return draw([curve], [], CAPTION, Frame(log=log), columns=columns, rows=rows)


def layout_of(series: ChartSeries, columns: int, rows: int, *, log: bool = False, smoothing: float = 0.0) -> Layout:
    window = x_window([series], [])
    assert window is not None
    curve = Curve(series, smoothing)
    legend, labels = rows >= 4, rows >= 3
    return lay_out([curve], window, columns=columns, top=int(legend), rows=rows - legend - labels, log=log)


def dots_of(picture: Picture, layout: Layout) -> NDArray[np.bool_]:
    """The dots of the curves, read off the characters."""
    dots = np.zeros((layout.rows * 4, layout.columns * 2), dtype=np.bool_)
    for row in range(layout.rows):
        for column, character in enumerate(picture.text(layout.top + row)[layout.left :]):
            if 0x2800 <= ord(character) <= 0x28FF:
                for (down, across), bit in BITS.items():
                    dots[row * 4 + down, column * 2 + across] = bool((ord(character) - 0x2800) & bit)
    return dots


def column_of(x: float, layout: Layout) -> int:
    width = layout.columns * 2
    found = int(np.searchsorted(column_edges(layout.window, width), x, side="right")) - 1
    return min(found, width - 1)


def text_of(picture: Picture) -> str:
    return "\n".join(picture.text(row) for row in range(picture.rows))


anything = st.floats(-1e6, 1e6) | st.sampled_from([0.0, 1.0, 100.0, 1e300, -1e308, 5e-324, np.nan, np.inf, -np.inf])
curves = st.lists(anything, min_size=1, max_size=120)


@settings(deadline=None)
@given(curves, st.integers(1, 60), st.integers(4, 20), st.booleans())
def test_every_value_has_its_dot(y: list[float], columns: int, rows: int, log: bool) -> None:
    series = a_series(np.array(y))
    picture, layout = picture_of(series, columns, rows, log=log), layout_of(series, columns, rows, log=log)
    # A chart one row high has no room beside the curve for marks, which then lie over it.
    if layout.scale is None or layout.marks_above == layout.top or layout.marks_below == layout.top:
        return
    dots = dots_of(picture, layout)
    for x, value in enumerate(y):
        if math.isfinite(value) and (value > 0 or not log):
            row = int(dot_rows(np.array([value]), layout.scale, layout.rows * 4)[0])
            assert dots[row, column_of(x, layout)]


@settings(deadline=None)
@given(curves, st.integers(1, 60), st.integers(8, 20), st.booleans())
def test_behind_a_smoothed_line_every_extreme_first_and_last_value_has_its_dot(
    y: list[float], columns: int, rows: int, log: bool
) -> None:
    series = a_series(np.array(y), band=True)
    picture = picture_of(series, columns, rows, log=log, smoothing=0.9)
    layout = layout_of(series, columns, rows, log=log, smoothing=0.9)
    if layout.scale is None:
        return
    dots = dots_of(picture, layout)
    by_column: dict[int, list[float]] = {}
    for x, value in enumerate(y):
        if math.isfinite(value) and (value > 0 or not log):
            by_column.setdefault(column_of(x, layout), []).append(value)
    ends = [(column_of(x, layout), y[x]) for x in (0, len(y) - 1) if math.isfinite(y[x]) and (y[x] > 0 or not log)]
    extremes = [(column, end) for column, values in by_column.items() for end in (min(values), max(values))]
    for column, value in extremes + ends:
        assert dots[int(dot_rows(np.array([value]), layout.scale, layout.rows * 4)[0]), column]


@settings(deadline=None)
@given(curves, st.integers(1, 60), st.integers(4, 20), st.booleans())
def test_every_value_that_no_axis_shows_has_its_mark(y: list[float], columns: int, rows: int, log: bool) -> None:
    series = a_series(np.array(y))
    picture, layout = picture_of(series, columns, rows, log=log), layout_of(series, columns, rows, log=log)
    for x, value in enumerate(y):
        column = layout.left + column_of(x, layout) // 2
        if not math.isfinite(value):
            assert layout.marks_below is not None
            assert picture.text(layout.marks_below)[column] == "×"
        elif log and value <= 0:
            assert layout.marks_below is not None
            assert picture.text(layout.marks_below)[column] in "×▾"
        elif layout.scale and layout.rows > 1 and value > layout.scale.high:
            assert layout.marks_above is not None
            assert picture.text(layout.marks_above)[column] == "▴"


@settings(deadline=None)
@given(
    st.lists(st.floats(1.0, 10.0), min_size=9, max_size=200),
    st.data(),
    st.sampled_from([1e-9, 1e9]),
    st.integers(10, 80),
    st.sampled_from([0.0, 0.9]),
)
def test_a_spike_beyond_a_robust_axis_is_a_mark_at_the_border_in_its_column(
    values: list[float], data: st.DataObject, spike: float, columns: int, smoothing: float
) -> None:
    y = np.array(values)
    place = data.draw(st.integers(0, y.size - 1))
    y[place] = spike
    series = a_series(y, band=True)
    picture = picture_of(series, columns, 12, log=True, smoothing=smoothing)
    layout = layout_of(series, columns, 12, log=True, smoothing=smoothing)
    assert layout.scale is not None
    column = layout.left + column_of(place, layout) // 2
    if spike > layout.scale.high:
        assert layout.marks_above is not None and picture.text(layout.marks_above)[column] == "▴"
    elif spike < layout.scale.low:
        assert layout.marks_below is not None and picture.text(layout.marks_below)[column] == "▾"
    else:
        assert dots_of(picture, layout)[:, column_of(place, layout)].any()


@settings(deadline=None)
@given(curves, st.integers(1, 60), st.integers(1, 12), st.booleans(), st.sampled_from([0.0, 0.9]))
def test_the_same_numbers_give_the_same_picture_of_the_right_size(
    y: list[float], columns: int, rows: int, log: bool, smoothing: float
) -> None:
    pictures = [
        picture_of(a_series(np.array(y), band=True), columns, rows, log=log, smoothing=smoothing) for _ in range(2)
    ]
    assert [list(pictures[0].runs(row)) for row in range(rows)] == [list(pictures[1].runs(row)) for row in range(rows)]
    assert all(cell_len(pictures[0].text(row)) == columns for row in range(rows))


@pytest.mark.parametrize("columns", [1, 7, 20, 46, 80, 200])
@pytest.mark.parametrize("smoothing", [0.0, 0.99])
def test_a_spike_among_zeros_reaches_the_top(columns: int, smoothing: float) -> None:
    y = np.zeros(100_000)
    y[61_803] = 100.0
    series = a_series(y, band=True)
    picture = picture_of(series, columns, 12, smoothing=smoothing)
    layout = layout_of(series, columns, 12, smoothing=smoothing)
    assert np.flatnonzero(dots_of(picture, layout)[0]).tolist() == [column_of(61_803, layout)]


def test_a_nan_leaves_a_gap_and_moves_nothing_else() -> None:
    y = np.sin(np.linspace(0, 6, 400))
    holed = y.copy()
    holed[150:200] = np.nan
    whole, gap = a_series(y), a_series(holed)
    # The mark takes a row: one more for the picture that has one.
    dots = dots_of(picture_of(whole, 60, 14), layout_of(whole, 60, 14))
    layout = layout_of(gap, 60, 15)
    holed_dots = dots_of(picture_of(gap, 60, 15), layout)
    columns = np.array([column_of(x, layout) for x in range(400)])
    empty = sorted(set(columns[150:200].tolist()) - set(columns[:150].tolist()) - set(columns[200:].tolist()))
    assert not holed_dots[:, empty].any()
    untouched = sorted(set(range(columns.max() + 1)) - set(columns[149:201].tolist()))
    assert np.array_equal(holed_dots[:, untouched], dots[:, untouched])


def test_the_legend_counts_what_is_not_finite() -> None:
    y = np.ones(5000)
    y[:1234] = np.nan
    assert "× 1 234 not finite" in picture_of(a_series(y), 60, 10).text(0)


def test_says_why_there_is_no_curve() -> None:
    assert "no step yet" in text_of(picture_of(a_series(np.empty(0)), 40, 8))
    assert "nothing finite" in text_of(picture_of(a_series(np.full(9, np.nan)), 40, 8))
    assert "nothing above zero" in text_of(picture_of(a_series(np.full(9, -1.0)), 40, 8, log=True))


def test_a_long_sentence_takes_several_lines() -> None:
    caption = Caption(empty="no step yet: the first epoch takes five minutes")
    text = text_of(draw([], [], caption, columns=16, rows=6))
    assert " ".join(text.split()) == caption.empty


def test_phase_lines_run_behind_the_curve_with_their_names() -> None:
    series = a_series(np.linspace(7, 3, 131_400))
    phases = [PhaseLine(50_000.0, "warm"), PhaseLine(213_400.0, "phase 2")]
    picture = draw([Curve(series)], phases, CAPTION, columns=80, rows=16)
    text = text_of(picture)
    assert "┊ warm" in text
    assert "phase 2 ┊" in text
    layout = lay_out([Curve(series)], (0.0, 213_400.0), columns=80, top=1, rows=14, log=False)
    at = picture.text(1).index("┊")
    assert abs(at - layout.column(50_000.0)) <= 1
    assert sum(picture.text(row)[at] == "┊" for row in range(1, 15)) >= 12
    assert dots_of(picture, layout_of(series, 80, 16)).any(axis=0).sum() > 80


def test_a_phase_far_ahead_is_named_in_the_legend() -> None:
    picture = draw([Curve(a_series(np.ones(100)))], [PhaseLine(213_400.0, "phase 2")], CAPTION, columns=80, rows=10)
    assert "┊ phase 2 at 213 400" in picture.text(0)


def test_a_phase_without_room_beside_it_is_named_in_the_legend() -> None:
    y = np.tile([0.0, 1.0], 5000)
    picture = draw([Curve(a_series(y))], [PhaseLine(5000.0, "phase 2")], CAPTION, columns=60, rows=10)
    assert "┊ phase 2" in picture.text(0)


def test_few_points_are_made_to_stand_out() -> None:
    x, y = np.array([0.0, 50.0, 100.0]), np.array([1.0, 2.0, 1.0])
    marked = ChartSeries("validation", x, y, "loss-validation", markers=True)
    plain = ChartSeries("validation", x, y, "loss-validation")
    count = [int(dots_of(picture_of(s, 60, 12), layout_of(s, 60, 12)).sum()) for s in (marked, plain)]
    assert count[0] > count[1]


def test_text_in_cells() -> None:
    picture = Picture(8, 1)
    assert picture.write(0, 0, "a\u0301\n日x", Ink("title")) == 4
    assert picture.text(0) == "á日x    "
    assert picture.write(0, 7, "日", Ink("title")) == 7
    assert [(text, ink.role) for text, ink in picture.runs(0)] == [("á日x", "title"), ("    ", "axis")]


def test_what_goes_first_from_a_narrow_legend() -> None:
    series = a_series(np.arange(9.0))

    def legend(columns: int) -> str:
        caption = Caption("fullband_spectral_distance", "log")
        return draw([Curve(series)], [], caption, Frame(log=True), columns=columns, rows=8).text(0).rstrip()

    assert legend(60).startswith("fullband_spectral_distance  ━ train")
    assert legend(60).endswith("log")
    assert legend(36) == "fullband_spectral_distance  ━ train"
    assert legend(20) == "fullband_s…  ━ train"
    assert legend(12) == "━ train"
