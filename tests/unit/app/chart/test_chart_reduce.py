"""The reduction against a loop over every point."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ravetui.app.chart.reduce import Reduction, column_edges
from ravetui.app.chart.reduce import reduce_series as reduce_points
from ravetui.runs.series.positions import Positions
from ravetui.runs.series.values import Values


def reduce_series(
    x: NDArray[np.float64], y: NDArray[np.float64], window: tuple[float, float], columns: int, *, positive: bool = False
) -> Reduction:
    return reduce_points(Positions(x), Values(y).line(), window, columns, positive=positive)


value = st.floats(allow_nan=True, allow_infinity=True)
points = st.lists(st.tuples(st.floats(-1e6, 1e6), value), max_size=60).map(
    lambda pairs: sorted(pairs, key=lambda p: p[0])
)


@given(points, st.integers(1, 50), st.booleans(), st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_equals_a_loop(
    pairs: list[tuple[float, float]], columns: int, positive: bool, start: float, span: float
) -> None:
    x, y = np.array([p[0] for p in pairs], dtype=float), np.array([p[1] for p in pairs], dtype=float)
    window = (start, start + span)
    reduction = reduce_series(x, y, window, columns, positive=positive)
    edges = column_edges(window, columns)
    inside: dict[int, list[float]] = {}
    for at, number in pairs:
        if window[0] <= at <= window[1]:
            column = columns - 1 if at == window[1] else int(np.searchsorted(edges, at, side="right")) - 1
            inside.setdefault(column, []).append(number)
    assert reduction.column.tolist() == sorted(inside)
    assert reduction.not_finite_count == sum(not math.isfinite(v) for column in inside.values() for v in column)
    for k, column in enumerate(sorted(inside)):
        values = inside[column]
        drawable = [v for v in values if math.isfinite(v) and (v > 0 or not positive)]
        expected = [
            min(drawable, default=math.nan),
            max(drawable, default=math.nan),
            values[0] if values[0] in drawable else math.nan,
            values[-1] if values[-1] in drawable else math.nan,
        ]
        got = [reduction.low[k], reduction.high[k], reduction.first[k], reduction.last[k]]
        assert np.array_equal(got, expected, equal_nan=True)
        assert reduction.not_finite[k] == any(not math.isfinite(v) for v in values)
        assert reduction.not_positive[k] == (positive and any(math.isfinite(v) and v <= 0 for v in values))


def test_one_spike_in_a_hundred_thousand_zeros_is_kept_at_every_width() -> None:
    x, y = np.arange(100_000.0), np.zeros(100_000)
    y[54_321] = 100.0
    for columns in (1, 2, 3, 80, 160, 1000):
        reduction = reduce_series(x, y, (0.0, 99_999.0), columns)
        assert reduction.high.max() == 100.0
        assert np.count_nonzero(reduction.high) == 1


def test_a_nan_takes_no_finite_value_with_it() -> None:
    reduction = reduce_series(np.arange(3.0), np.array([1.0, np.nan, 2.0]), (0.0, 2.0), 1)
    assert (reduction.low[0], reduction.high[0], reduction.first[0], reduction.last[0]) == (1.0, 2.0, 1.0, 2.0)
    assert reduction.not_finite.tolist() == [True]


@pytest.mark.parametrize("middle", [np.nan, np.inf, -np.inf])
def test_a_line_leads_over_empty_columns_but_not_over_what_is_not_finite(middle: float) -> None:
    x = np.array([0.0, 10.0, 20.0])
    assert reduce_series(x[[0, 2]], np.array([1.0, 2.0]), (0.0, 20.0), 20).joined().tolist() == [True]
    gap = reduce_series(x, np.array([1.0, middle, 2.0]), (0.0, 20.0), 20)
    assert gap.joined().tolist() == [False, False]
    assert np.isnan(gap.low[1])


def test_points_outside_the_window_are_left_out() -> None:
    reduction = reduce_series(np.arange(100.0), np.arange(100.0), (40.0, 60.0), 4)
    assert (reduction.low.min(), reduction.high.max()) == (40.0, 60.0)


def test_does_not_write_into_the_values() -> None:
    y = np.array([np.nan, -1.0, 2.0])
    reduce_series(np.arange(3.0), y, (0.0, 2.0), 5, positive=True)
    assert np.array_equal(y, [np.nan, -1.0, 2.0], equal_nan=True)
