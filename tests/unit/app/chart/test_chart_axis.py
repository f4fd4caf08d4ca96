"""Ranges, round numbers and how they are written."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ravetui.app.chart.axis import Scale, x_window, y_scale
from ravetui.app.chart.reduce import Reduction, reduce_series
from ravetui.app.chart.series import ChartSeries, PhaseLine
from ravetui.app.chart.ticks import format_step, linear_ticks, log_ticks
from ravetui.runs.series.positions import Positions
from ravetui.runs.series.values import Values


def reduced(y: NDArray[np.float64], *, columns: int = 80, log: bool = False) -> Reduction:
    return reduce_series(Positions(np.arange(y.size)), Values(y).line(), (0.0, float(y.size)), columns, positive=log)


def scale_of(y: NDArray[np.float64], *, log: bool = False) -> Scale:
    scale = y_scale([reduced(y, log=log)], log=log)
    assert scale is not None
    return scale


def labels(low: float, high: float, most: int) -> list[str]:
    return [tick.label for tick in linear_ticks(low, high, most)]


def test_a_quiet_curve_fills_the_range_exactly() -> None:
    assert scale_of(np.linspace(3.2, 7.2, 1000)) == Scale(3.2, 7.2, log=False)
    assert scale_of(np.geomspace(3.2, 7.2, 1000), log=True) == Scale(3.2, 7.2, log=True)


def test_a_spike_among_equal_values_is_inside_the_range() -> None:
    y = np.zeros(100_000)
    y[70_000] = 100.0
    assert scale_of(y) == Scale(0.0, 100.0, log=False)


def test_a_spike_far_beyond_a_noisy_curve_does_not_squash_it() -> None:
    y = np.random.default_rng(0).uniform(3.0, 5.0, 10_000)
    y[5_000] = 1e6
    assert 5.0 < scale_of(y).high < 6.0


calm = st.lists(st.floats(1.0, 10.0), min_size=9, max_size=400)
far = st.sampled_from([1e-300, 1e-9, 1e-4, 1e4, 1e9, 1e300])


@given(calm, st.data(), far, st.booleans(), st.integers(1, 200))
def test_one_spike_squashes_no_curve_whatever_its_height_and_the_width(
    values: list[float], data: st.DataObject, spike: float, log: bool, columns: int
) -> None:
    y = np.array(values)
    rest = reduced(y, columns=columns, log=log)
    y[data.draw(st.integers(0, y.size - 1))] = spike
    scale, count = y_scale([reduced(y, columns=columns, log=log)], log=log), rest.low.size
    assert scale is not None
    if count < 9 or np.ptp(y[y != spike]) < 0.1:
        return
    if log:
        assert scale.low >= 1e-3 and scale.high <= 1e4  # Three times one decade of values, not hundreds.
    else:
        assert scale.low >= -30 and scale.high <= 40


@given(st.integers(8, 200), st.data(), st.sampled_from([1e-12, 1e-9, 1e9]))
def test_equal_values_on_a_logarithmic_axis_bear_a_spike_too(count: int, data: st.DataObject, spike: float) -> None:
    y = np.full(count, 0.5)
    y[data.draw(st.integers(0, count - 1))] = spike
    scale = y_scale([reduced(y, columns=count, log=True)], log=True)
    assert scale is not None and scale.low >= 0.1 and scale.high <= 2.0


@pytest.mark.parametrize("value", [0.0, 3.9, -3.9, 1e-12, 1e300, -1e308, 5e-324])
def test_equal_values_have_a_range_around_them(value: float) -> None:
    scale = scale_of(np.full(50, value))
    assert scale.low < scale.high
    assert scale.low <= max(-1e300, min(value, 1e300)) <= scale.high


def test_one_value_not_above_zero_does_not_stretch_a_logarithmic_range() -> None:
    y = np.geomspace(10.0, 1.0, 1000)
    y[500], y[600] = -1.0, 0.0
    assert scale_of(y, log=True) == Scale(1.0, 10.0, log=True)


def test_no_range_without_a_drawable_value() -> None:
    assert y_scale([reduced(np.full(5, np.nan))], log=False) is None
    assert y_scale([reduced(np.array([-1.0, 0.0]), log=True)], log=True) is None
    assert y_scale([], log=False) is None


def test_ticks_are_written_as_on_the_screens() -> None:
    assert labels(0, 120_000, 3) == ["0", "50 k", "100 k"]
    assert labels(0, 1_600_000, 9) == ["0", "0.2 M", "0.4 M", "0.6 M", "0.8 M", "1.0 M", "1.2 M", "1.4 M", "1.6 M"]
    assert labels(3.9, 3.92, 3) == ["3.90", "3.91", "3.92"]
    assert labels(213_400, 213_420, 3) == ["213 400", "213 410", "213 420"]
    assert labels(-1, 1, 5) == ["-1.0", "-0.5", "0", "0.5", "1.0"]
    assert labels(0, 3e-7, 4) == ["0", "1e-7", "2e-7", "3e-7"]
    assert labels(0, 2e20, 3) == ["0", "1e20", "2e20"]
    assert format_step(213400.0) == "213 400"


def test_logarithmic_ticks() -> None:
    assert [tick.label for tick in log_ticks(0.01, 1000, 10)] == ["0.01", "0.1", "1", "10", "100", "1000"]
    assert [tick.label for tick in log_ticks(1, 100, 7)] == ["1", "2", "5", "10", "20", "50", "100"]
    assert [tick.label for tick in log_ticks(3.2, 7.2, 4)] == ["4", "5", "6", "7"]
    assert [tick.label for tick in log_ticks(1e-6, 1e6, 5)] == ["1e-6", "0.001", "1", "1000", "1 M"]


@given(st.floats(-1e300, 1e300), st.floats(1e-9, 1e9), st.integers(1, 12))
def test_ticks_lie_inside_ascend_and_differ(low: float, factor: float, most: int) -> None:
    high = low + max(abs(low), 1e-280) * factor
    if not np.isfinite(high) or high > 1e300:
        return
    ticks = linear_ticks(low, high, most)
    values = [tick.value for tick in ticks]
    slack = 1e-6 * (high - low)
    assert all(low - slack <= value <= high + slack for value in values)
    assert values == sorted(set(values))
    assert len({tick.label for tick in ticks}) == len(ticks)
    assert len(ticks) <= max(most, 5)


@given(st.floats(1e-300, 1e299), st.floats(1e-6, 1e6), st.integers(1, 12))
def test_logarithmic_ticks_lie_inside_ascend_and_differ(low: float, factor: float, most: int) -> None:
    ticks = log_ticks(low, low * (1 + factor), most)
    values = [tick.value for tick in ticks]
    assert all(low * (1 - 1e-6) <= value <= low * (1 + factor) * (1 + 1e-6) for value in values)
    assert values == sorted(set(values))
    assert len({tick.label for tick in ticks}) == len(ticks)


def test_whole_ticks_on_a_short_run() -> None:
    assert [tick.label for tick in linear_ticks(0, 3, 10, whole=True)] == ["0", "1", "2", "3"]
    assert [tick.label for tick in linear_ticks(4.5, 5.5, 6, whole=True)] == ["5"]


def series(x: NDArray[np.float64]) -> ChartSeries:
    return ChartSeries("train", x, np.zeros(x.size), "loss-train")


def test_the_window_holds_the_points_and_a_phase_that_is_near() -> None:
    one = series(np.arange(131_401.0))
    window = x_window([one], [PhaseLine(213_400.0, "phase 2"), PhaseLine(5e6, "end")])
    assert window is not None
    assert window[0] == 0.0
    assert 213_400 <= window[1] <= 213_400 * 1.04


def test_the_window_stands_still_while_a_run_goes_on() -> None:
    windows = {x_window([series(np.arange(float(n)))], []) for n in range(100_000, 101_000)}
    assert len(windows) <= 2


@given(st.lists(st.floats(-1e15, 1e15), max_size=5).map(sorted), st.floats(-1e16, 1e16))
def test_the_window_holds_every_point(x: list[float], phase: float) -> None:
    window = x_window([series(np.array(x, dtype=float))], [PhaseLine(phase, "phase 2")])
    if not x:
        assert window is None
    else:
        assert window is not None
        assert window[0] <= x[0] <= x[-1] <= window[1]
        assert window[0] < window[1]


def test_a_series_refuses_what_cannot_be_drawn() -> None:
    for x, y in (([0.0, 1.0], [1.0]), ([1.0, 0.0], [1.0, 2.0]), ([0.0, np.nan], [1.0, 2.0]), ([np.inf], [1.0])):
        with pytest.raises(ValueError, match="series 'train'"):
            ChartSeries("train", np.array(x), np.array(y), "loss-train")


def test_a_series_knows_its_twin() -> None:
    x, y = np.arange(3.0), np.array([1.0, np.nan, 2.0])
    one = ChartSeries("train", x, y, "loss-train")
    assert one.same_as(ChartSeries("train", x.copy(), y.copy(), "loss-train"))
    assert not one.same_as(ChartSeries("train", x, np.array([1.0, 5.0, 2.0]), "loss-train"))
    assert not one.same_as(ChartSeries("train", x[:2], y[:2], "loss-train"))
    assert not one.same_as(ChartSeries("train", x, y, "loss-train", band=True))
