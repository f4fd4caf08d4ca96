"""Smoothing against the recursion it is defined by."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ravetui.runs.series.values import Values

DECAYS = (1e-60, 0.001, 0.6, 0.9, 0.99, 0.9999)


def smooth(values: NDArray[np.float64], decay: float) -> NDArray[np.float64]:
    return Values(values).line(decay).array


def by_loop(values: NDArray[np.float64], decay: float) -> NDArray[np.float64]:
    out, average, count = [], 0.0, 0
    for value in values.tolist():
        if not np.isfinite(value):
            out.append(np.nan)
            continue
        count += 1
        average = decay * average + (1.0 - decay) * value
        out.append(average / (1.0 - decay**count))
    return np.array(out)


@pytest.mark.parametrize("decay", DECAYS)
def test_equals_the_loop_on_positive_values_of_any_size(decay: float) -> None:
    rng = np.random.default_rng(1)
    values = np.exp(rng.normal(size=300_000)) * 10.0 ** rng.uniform(-6, 6, 300_000)
    values[rng.integers(0, values.size, 500)] = np.nan
    np.testing.assert_allclose(smooth(values, decay), by_loop(values, decay), rtol=1e-9)


@pytest.mark.parametrize("magnitude", [1e-240, 1e-30, 1.0, 1e30, 1e300])
@pytest.mark.parametrize("decay", DECAYS)
def test_any_magnitude(decay: float, magnitude: float) -> None:
    values = np.random.default_rng(2).uniform(1, 2, 5000) * magnitude
    np.testing.assert_allclose(smooth(values, decay), by_loop(values, decay), rtol=1e-9)


number = st.floats(-1e200, 1e200)


@given(st.lists(number | st.sampled_from([np.nan, np.inf, -np.inf]), max_size=80), st.sampled_from(DECAYS))
def test_equals_the_loop_whatever_the_signs(values: list[float], decay: float) -> None:
    array = np.array(values, dtype=np.float64)
    largest = np.max(np.abs(array), where=np.isfinite(array), initial=0.0)
    np.testing.assert_allclose(smooth(array, decay), by_loop(array, decay), rtol=1e-9, atol=1e-12 * largest)


@given(st.lists(number, min_size=1, max_size=60), st.data(), st.sampled_from(DECAYS))
def test_what_is_not_finite_changes_no_neighbour(values: list[float], data: st.DataObject, decay: float) -> None:
    places = data.draw(st.lists(st.integers(0, len(values)), max_size=10))
    without = np.array(values)
    gaps = np.insert(without, places, data.draw(st.sampled_from([np.nan, np.inf, -np.inf])))
    smoothed = smooth(gaps, decay)
    assert np.array_equal(np.isnan(smoothed), ~np.isfinite(gaps))
    assert np.array_equal(smoothed[np.isfinite(gaps)], smooth(without, decay))


@pytest.mark.parametrize("decay", DECAYS)
def test_a_constant_stays_itself(decay: float) -> None:
    np.testing.assert_allclose(smooth(np.full(10_000, 3.9), decay), 3.9, rtol=1e-12)


def test_the_first_value_is_the_first_value() -> None:
    assert smooth(np.array([np.nan, 7.0, 1.0]), 0.99)[1] == pytest.approx(7.0, rel=1e-13)


def test_without_smoothing_the_values_are_what_they_are() -> None:
    values = np.array([np.nan, 7.0, np.inf, 1.0])
    assert np.array_equal(smooth(values, 0.0), values, equal_nan=True)


def test_nothing_and_no_finite_value() -> None:
    assert smooth(np.empty(0), 0.9).shape == (0,)
    assert np.isnan(smooth(np.array([np.nan, np.inf]), 0.9)).all()


@pytest.mark.parametrize("smoothing", [-0.1, 1.0, np.nan])
def test_refuses_what_is_no_decay(smoothing: float) -> None:
    with pytest.raises(ValueError, match="smoothing"):
        smooth(np.zeros(3), smoothing)


def test_leaves_its_input_alone() -> None:
    values = np.array([1.0, 2.0, 3.0])
    smooth(values, 0.9)
    assert values.tolist() == [1.0, 2.0, 3.0]
