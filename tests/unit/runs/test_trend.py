"""The slope of a noisy curve."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import kendalltau, kstest, norm, theilslopes

from ravetui.runs.trend import correlation, mann_kendall, noise, relative_trend, theil_sen


@given(st.integers(0, 10_000), st.integers(4, 60))
def test_is_the_estimate_of_scipy(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    x = np.sort(random.uniform(0, 100, count))
    y = 0.3 * x + random.normal(size=count)
    found, wanted = theil_sen(x, y), theilslopes(y, x, 0.95)
    assert found is not None
    assert (found.slope, found.low, found.high) == pytest.approx((wanted[0], wanted[2], wanted[3]), rel=1e-9)


@given(st.lists(st.integers(0, 6), min_size=4, max_size=60), st.sampled_from([0.8, 0.95, 0.998]))
def test_is_that_of_scipy_with_ties_too(values: list[int], confidence: float) -> None:
    x, y = np.arange(float(len(values))), np.array(values, dtype=float)
    found, wanted = theil_sen(x, y, confidence=confidence), theilslopes(y, x, confidence)
    assert found is not None
    assert (found.slope, found.low, found.high) == pytest.approx((wanted[0], wanted[2], wanted[3]))


@given(st.lists(st.integers(0, 12) | st.just(np.nan), min_size=4, max_size=60))
def test_mann_kendall_is_kendalls_tau_against_time(values: list[float]) -> None:
    y = np.array(values, dtype=float)
    kept = y[np.isfinite(y)]
    found = mann_kendall(y)
    if kept.size < 4 or np.ptp(kept) == 0:
        assert found == 0.0
        return
    tau, chance = kendalltau(np.arange(kept.size), kept, method="asymptotic")
    assert 2 * norm.sf(abs(found)) == pytest.approx(chance, abs=1e-12)
    assert np.sign(found) == np.sign(tau)


def correlated(random: np.random.Generator, count: int, share: float) -> NDArray[np.float64]:
    """A stationary first-order process of variance 1."""
    values = random.normal(size=count)
    for index in range(1, count):
        values[index] = share * values[index - 1] + np.sqrt(1 - share**2) * values[index]
    return values


def test_without_a_trend_kendalls_score_is_standard_normal() -> None:
    random = np.random.default_rng(5)
    scores = [mann_kendall(random.standard_cauchy(30)) for _ in range(1000)]
    assert kstest(scores, "norm").pvalue > 0.01


@pytest.mark.parametrize("share", [0.0, 0.5, 0.8])
def test_the_interval_holds_the_slope_also_in_correlated_noise(share: float) -> None:
    random, x, held = np.random.default_rng(6), np.arange(40.0), []
    for _ in range(400):
        found = relative_trend(x, 100 + 0.05 * x + correlated(random, 40, share))
        assert found is not None
        held.append(found.low * 101 <= 0.05 <= found.high * 101)
    assert np.mean(held) > (0.85 if share > 0.5 else 0.9)


def test_correlation_and_noise_are_those_of_the_process() -> None:
    random, x = np.random.default_rng(7), np.arange(200.0)
    for share in (0.0, 0.5, 0.8):
        many = [3.0 * correlated(random, 200, share) + 0.1 * x for _ in range(20)]
        assert np.median([correlation(x, y) for y in many]) == pytest.approx(share, abs=0.1)
        assert np.median([noise(x, y) for y in many]) == pytest.approx(3.0, rel=0.15)


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
