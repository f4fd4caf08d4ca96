"""The slope of a noisy curve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import theilslopes

from ravetui.runs.trend import theil_sen


@given(st.integers(0, 10_000), st.integers(4, 60))
def test_is_the_estimate_of_scipy(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    x = np.sort(random.uniform(0, 100, count))
    y = 0.3 * x + random.normal(size=count)
    found, wanted = theil_sen(x, y), theilslopes(y, x, 0.95)
    assert found is not None
    assert (found.slope, found.low, found.high) == pytest.approx((wanted[0], wanted[2], wanted[3]), rel=1e-9)


def test_an_outlier_does_not_turn_it_and_a_nan_is_left_out() -> None:
    x = np.arange(20.0)
    y = 5 - 0.1 * x
    y[7], y[11] = 1e6, np.nan
    found = theil_sen(x, y)
    assert found is not None and found.slope == pytest.approx(-0.1) and not found.is_flat


def test_noise_around_a_level_is_flat_and_too_few_points_say_nothing() -> None:
    y = np.array([1.0, 2.0] * 10)
    found = theil_sen(np.arange(20.0), y)
    assert found is not None and found.is_flat
    assert theil_sen(np.arange(3.0), np.arange(3.0)) is None
    assert theil_sen(np.arange(5.0), np.full(5, np.nan)) is None
