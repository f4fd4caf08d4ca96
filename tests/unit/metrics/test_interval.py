import numpy as np
import pytest

from ravetui.errors import ScoreError
from ravetui.metrics.blocks import file_blocks, need_files
from ravetui.metrics.interval import RESAMPLES, Estimate, bootstrap_weights, student_975
from ravetui.metrics.jackknife import from_left_out


def test_blocks_hold_whole_files_and_about_as_many_windows() -> None:
    random = np.random.default_rng(0)
    files = np.repeat(np.arange(50), random.integers(1, 9, 50))
    blocks = file_blocks(files, 8)
    assert all(len(set(blocks[files == file])) == 1 for file in range(50))
    sizes = np.bincount(blocks)
    assert len(sizes) == 8
    assert sizes.max() - sizes.min() <= 1


def test_fewer_files_than_blocks_are_a_block_each() -> None:
    files = np.array([7, 7, 3, 9])
    blocks = file_blocks(files, 20)
    assert len(set(blocks)) == 3
    assert blocks[0] == blocks[1]


def test_files_are_counted_not_windows() -> None:
    need_files(np.array([0, 0, 1, 2, 3]))
    with pytest.raises(ScoreError, match="not of 3"):
        need_files(np.array([0, 0, 0, 0, 1, 2]))


def test_bootstrap_draws_as_many_blocks_as_there_are_and_is_seeded() -> None:
    weights = bootstrap_weights(12, seed=1)
    assert weights.shape == (RESAMPLES, 12)
    assert (weights.sum(axis=1) == 12).all()
    np.testing.assert_array_equal(weights, bootstrap_weights(12, seed=1))
    assert (weights != bootstrap_weights(12, seed=2)).any()


def test_resamples_give_their_quantiles_and_skip_what_is_missing() -> None:
    estimate = Estimate.from_resamples(50.0, np.append(np.arange(101.0), np.nan))
    assert (estimate.value, estimate.low, estimate.high) == (50.0, 2.5, 97.5)
    assert estimate.se == pytest.approx(np.std(np.arange(101), ddof=1))


@pytest.mark.parametrize(
    ("degrees", "quantile"), [(3, 3.18245), (4, 2.77645), (9, 2.26216), (19, 2.09302), (10**6, 1.95996)]
)
def test_student_quantiles_of_the_tables(degrees: int, quantile: float) -> None:
    assert student_975(degrees) == pytest.approx(quantile, rel=0.01)


def test_jackknife_of_the_biased_variance_finds_the_unbiased_one() -> None:
    """The bias of dividing by n is exactly of order 1/n, so that it goes without remainder."""
    x = np.random.default_rng(0).standard_normal(30)
    left = np.array([np.delete(x, row).var() for row in range(30)])
    bias, _, blocks = from_left_out(float(x.var()), left, np.ones(30))
    assert blocks == 30
    assert x.var() - bias == pytest.approx(x.var(ddof=1))


def test_jackknife_error_of_a_mean_of_unequal_files_is_right() -> None:
    """For a mean of files of unequal size, against the scatter of many such means."""
    random = np.random.default_rng(1)
    counts = random.integers(1, 10, 40)
    files = np.repeat(np.arange(40), counts)
    means, variances = [], []
    for _ in range(300):
        x = np.repeat(random.standard_normal(40), counts) + random.standard_normal(len(files))
        left = np.array([x[files != file].mean() for file in range(40)])
        bias, variance, _ = from_left_out(float(x.mean()), left, counts.astype(np.float64))
        means.append(x.mean())
        variances.append(variance)
        assert bias == pytest.approx(0, abs=1e-12)
    assert np.sqrt(np.mean(variances)) == pytest.approx(np.std(means), rel=0.12)
