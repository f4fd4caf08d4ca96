"""The pace to come, from the pace that was."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from ravetui.runs.eta import Course, Part, eta_of, together
from ravetui.runs.forecast import forecast, student

Floats = NDArray[np.float64]
PACES = arrays.arrays(np.float64, st.integers(1, 60), elements=st.floats(1e-3, 1e3))


@given(PACES, st.floats(0.01, 1e4), st.floats(0.05, 1.0))
def test_whatever_came_the_forecast_is_a_positive_pace_with_a_finite_spread(
    seen: Floats, ahead: float, last: float
) -> None:
    found = forecast(seen, ahead, weight_of_last=last)
    assert 0 < found.seconds < 3 * float(seen.max()) + 2 * np.ptp(seen) * 60
    assert 0 <= found.spread <= 1


@given(st.floats(1e-3, 1e3), st.integers(1, 60), st.floats(0.1, 1e4))
def test_a_pace_that_never_changed_is_kept(pace: float, blocks: int, ahead: float) -> None:
    found = forecast(np.full(blocks, pace), ahead)
    assert found.seconds == pytest.approx(pace)
    assert found.spread < 0.05


@given(PACES, st.floats(0.1, 1e3), st.floats(1e-2, 1e2))
def test_the_unit_of_time_does_not_matter(seen: Floats, ahead: float, unit: float) -> None:
    one, other = forecast(seen, ahead), forecast(unit * seen, ahead)
    assert other.seconds == pytest.approx(unit * one.seconds)
    assert other.spread == pytest.approx(one.spread, rel=1e-6, abs=1e-9)


def test_a_short_look_ahead_follows_the_present_and_a_long_one_the_whole() -> None:
    busy_half_of_the_time = np.tile([1.0] * 5 + [2.0] * 5, 6)
    assert forecast(busy_half_of_the_time, 2).seconds > 1.6
    assert forecast(busy_half_of_the_time, 60).seconds == pytest.approx(1.5, abs=0.1)
    assert forecast(busy_half_of_the_time, 17).spread > forecast(np.full(60, 1.5, dtype=np.float64), 17).spread


def test_a_steady_drift_goes_on() -> None:
    drifting = np.linspace(1.0, 1.39, 40)
    assert forecast(drifting, 20).seconds == pytest.approx(1.0 + 0.01 * 49.5, rel=0.01)


def test_the_quantiles_are_students() -> None:
    # Tables: t(0.9) with 2, 5 and 30 degrees of freedom.
    for freedom, expected in ((2, 1.886), (5, 1.476), (30, 1.310)):
        assert student(freedom) == pytest.approx(expected, rel=0.02)


parts = st.builds(Part, st.floats(0, 1e6), st.floats(0, 1))


@given(parts, parts)
def test_an_interval_holds_its_middle_and_nothing_negative(first: Part, second: Part) -> None:
    found = eta_of(first, second)
    assert 0 <= found.low <= found.seconds <= found.high
    assert found.seconds == pytest.approx(first.seconds + second.seconds)


@given(parts, parts)
def test_errors_that_go_the_same_way_are_worse_than_others(first: Part, second: Part) -> None:
    same = together(first, second)
    assert (
        same.seconds * same.spread
        >= math.log(eta_of(first, second).high / max(same.seconds, 1e-300)) * (same.seconds) - 1e-6
        if same.seconds > 0
        else True
    )


def test_what_one_does_not_know_of_phase_2_widens_the_end() -> None:
    course = Course(Part(100.0, 0.05), Part(2.0, 0.1), 3, later_steps=100, later_validations=3)
    sure, unsure = course.end(Part(8.0, 0.0)), course.end(Part(8.0, 0.15))
    assert sure.seconds == unsure.seconds == pytest.approx(100 + 800 + 12)
    assert course.phase_end().seconds == pytest.approx(106)
    assert unsure.low < sure.low < sure.high < unsure.high
