"""Zooming and going along."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ravetui.app.chart.layout import Curve
from ravetui.app.chart.plot import Caption, Frame, draw
from ravetui.app.chart.reading import read_at
from ravetui.app.chart.series import ChartSeries, HorizontalAxis, PhaseLine
from ravetui.app.chart.view import View, panned, seen, zoomed

WHOLE = (0.0, 1024.0)
moves = st.lists(
    st.one_of(
        st.tuples(st.just("zoom"), st.sampled_from([0.5, 2.0, 0.1, 3.0]), st.floats(-100, 1200) | st.none()),
        st.tuples(st.just("pan"), st.sampled_from([0.25, -0.25, 1.0, -3.0]), st.none()),
    ),
    max_size=40,
)


@given(moves)
def test_no_way_of_looking_leaves_what_there_is(steps: list[tuple[str, float, float | None]]) -> None:
    view: View | None = None
    for kind, amount, about in steps:
        view = zoomed(WHOLE, view, amount, about) if kind == "zoom" else panned(WHOLE, view, amount)
        start, end = seen(WHOLE, view)
        assert WHOLE[0] <= start < end <= WHOLE[1]
        assert view is None or view.width < WHOLE[1] - WHOLE[0]


@given(st.floats(1, 1023), st.integers(1, 20))
def test_what_is_under_the_cursor_stays_there(about: float, times: int) -> None:
    view: View | None = None
    for _ in range(times):
        view = zoomed(WHOLE, view, 0.5, about)
    assert view is not None
    assert abs((about - view.start) / view.width - about / WHOLE[1]) < 1e-3


def test_a_view_of_the_newest_steps_goes_on_with_them() -> None:
    view = zoomed(WHOLE, None, 0.25)
    assert view == View(768.0, 1024.0, follows=True)
    assert seen((0.0, 2000.0), view) == (1744.0, 2000.0)


def test_a_view_of_the_past_stays_where_it_is() -> None:
    view = panned(WHOLE, zoomed(WHOLE, None, 0.25), -0.5)
    assert view == View(640.0, 896.0, follows=False)
    assert seen((0.0, 2000.0), view) == (640.0, 896.0)


def test_zooming_out_far_enough_is_everything_again() -> None:
    assert zoomed(WHOLE, zoomed(WHOLE, None, 0.5), 2.0) is None
    assert panned(WHOLE, None, 0.25) is None


def test_a_zoomed_chart_reduces_only_what_is_in_the_window() -> None:
    """A one-step extreme outside the window does not squash what is inside; one inside is drawn at its place."""
    y = np.full(100_000, 1.0)
    y[10], y[50_000] = 1e6, 2.0
    series = ChartSeries("train", np.arange(100_000.0), y, "loss-train")
    picture = draw([Curve(series)], [], Caption(), Frame((49_000.0, 51_000.0)), columns=80, rows=12)
    labels = [picture.text(row).split()[0] for row in range(1, 11) if picture.text(row)[:5].strip()]
    assert "2.0" in labels and not any("M" in label or "k" in label for label in labels)
    middle = next(row for row in range(1, 11) if picture.text(row).startswith("  2.0"))
    assert 42 <= next(at for at in range(7, 80) if picture.text(middle)[at] != " ") <= 44


def test_the_cursor_is_a_line_and_no_curve_is_hidden_by_it() -> None:
    x = np.arange(1000.0)
    curve = Curve(ChartSeries("train", x, np.sin(x / 50), "loss-train"))
    plain = draw([curve], [], Caption(), columns=80, rows=12)
    marked = draw([curve], [], Caption(), Frame(cursor=500.0), columns=80, rows=12)
    lines = [(row, at) for row in range(12) for at in range(80) if marked.text(row)[at] == "│"]
    assert len(lines) >= 8 and len({at for _, at in lines}) == 1
    hidden = [(row, at) for row, at in lines if not plain.blank(row, at, at + 1)]
    assert all(row in (1, 10) for row, _ in hidden)


def test_epochs_are_written_with_decimals() -> None:
    curve = Curve(ChartSeries("train", np.linspace(0, 2, 100), np.ones(100), "loss-train"))
    axis = HorizontalAxis("epoch", whole=False)
    picture = draw([curve], [PhaseLine(97.25, "phase 2")], Caption(), Frame(axis=axis), columns=80, rows=12)
    assert "0.5" in picture.text(11).split()
    assert "phase 2 at 97.2" in picture.text(0)


@given(st.lists(st.floats(-10, 10) | st.just(np.nan) | st.just(-np.inf), min_size=1, max_size=50), st.floats(-5, 60))
def test_a_reading_is_the_nearest_point_and_the_best_before_it(values: list[float], where: float) -> None:
    y, x = np.array(values), np.arange(float(len(values)))
    (reading,) = read_at([Curve(ChartSeries("train", x, y, "loss-train"), 0.9)], where)
    distances = np.abs(x - where)
    assert distances[reading.index] == distances.min()
    np.testing.assert_equal(reading.raw, y[reading.index])
    before = [value for value in values[: reading.index + 1] if np.isfinite(value)]
    assert reading.best == (min(before) if before else None)
    assert reading.best_index is None or y[reading.best_index] == reading.best


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_the_best_is_that_of_the_phase_that_is_read(values: list[float], began: int, where: int) -> None:
    y, x = np.array(values), np.arange(float(len(values)))
    curve = Curve(ChartSeries("validation", x, y, "loss-validation"))
    (reading,) = read_at([curve], float(where), [PhaseLine(float(began), "phase 2")])
    first = began + 1 if reading.index > began else 0
    assert reading.best == min(values[first : reading.index + 1])
    assert reading.best_index is not None and first <= reading.best_index <= reading.index


def test_another_runs_phase_does_not_cut_the_best_of_this_one() -> None:
    x, y = np.arange(6.0), np.array([5.0, 1.0, 4.0, 3.0, 2.0, 6.0])
    curves = [Curve(ChartSeries(role, x, y, role)) for role in ("run-1", "run-2")]
    one, two = read_at(curves, 5.0, [PhaseLine(2.0, "phase 2", "run-1")])
    assert (one.best, two.best) == (2.0, 1.0)


def test_a_curve_without_points_is_not_read() -> None:
    empty = Curve(ChartSeries("validation", np.empty(0), np.empty(0), "loss-validation"))
    assert read_at([empty], 3.0) == []
