import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.diversity import (
    distance_estimate,
    distance_ratio,
    distance_ratio_estimate,
    matched,
    mean_distance,
)
from ravetui.metrics.embeddings import EmbeddingSet
from ravetui.metrics.vendi import vendi, vendi_estimate, vendi_ratio_estimate

Floats = NDArray[np.float64]


def test_vendi_counts_what_is_distinct() -> None:
    assert vendi(np.ones((7, 5))) == pytest.approx(1)
    assert vendi(np.eye(6)) == pytest.approx(6)
    assert vendi(np.repeat(np.eye(4), 10, axis=0)) == pytest.approx(4)
    assert vendi(np.ones((1, 3))) == pytest.approx(1)


@given(seed=st.integers(0, 10**6), n=st.integers(1, 40), d=st.integers(1, 40))
@settings(deadline=None)
def test_vendi_by_either_matrix_within_its_range(seed: int, n: int, d: int) -> None:
    x = np.random.default_rng(seed).standard_normal((n, d)) + 0.1
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    for matrix in (unit @ unit.T / n, unit.T @ unit / n):
        values = np.linalg.eigvalsh(matrix)
        entropy = -sum(value * np.log(value) for value in values if value > 0)
        assert vendi(x) == pytest.approx(np.exp(entropy))
    assert 1 - 1e-9 <= vendi(x) <= min(n, d) + 1e-9
    assert vendi(3 * x) == pytest.approx(vendi(x))


def loop_distance(x: Floats, files: NDArray[np.int64]) -> float:
    pairs = [(i, j) for i in range(len(x)) for j in range(i) if files[i] != files[j]]
    return float(np.mean([1 - x[i] @ x[j] / np.linalg.norm(x[i]) / np.linalg.norm(x[j]) for i, j in pairs]))


@given(seed=st.integers(0, 10**6), n=st.integers(2, 25))
@settings(deadline=None)
def test_mean_distance_equals_the_double_loop(seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    x, files = random.standard_normal((n, 4)) + 1, np.append(random.integers(0, 5, n - 1), 9)
    assert mean_distance(x) == pytest.approx(loop_distance(x, np.arange(n)))
    assert mean_distance(x, files) == pytest.approx(loop_distance(x, files))


def test_mean_distance_known_answers() -> None:
    assert mean_distance(np.ones((5, 3))) == 0
    assert mean_distance(np.eye(4)) == pytest.approx(1)
    assert mean_distance(np.array([[1.0, 0.0], [-1.0, 0.0]])) == pytest.approx(2)


def clustered(seed: int, files: int, spread: float = 1.0) -> EmbeddingSet:
    random = np.random.default_rng(seed)
    centres = spread * random.standard_normal((files, 1, 8)) + np.eye(8)[0]
    windows = centres + 0.3 * spread * random.standard_normal((files, 4, 8))
    return EmbeddingSet(windows.reshape(-1, 8), np.repeat(np.arange(files), 4))


def test_interval_of_the_distance_covers_that_of_the_population() -> None:
    population = clustered(0, 3000)
    truth = mean_distance(population.values, population.files)
    estimates = [distance_estimate(clustered(seed, 25), seed) for seed in range(1, 61)]
    assert sum(estimate.low <= truth <= estimate.high for estimate in estimates) >= 50
    spread = np.std([estimate.value for estimate in estimates])
    assert np.mean([estimate.se for estimate in estimates]) == pytest.approx(spread, rel=0.4)


def test_standard_error_of_vendi_is_its_scatter() -> None:
    estimates = [vendi_estimate(clustered(seed, 30)) for seed in range(60)]
    spread = np.std([estimate.value for estimate in estimates])
    assert np.mean([estimate.se for estimate in estimates]) == pytest.approx(spread, rel=0.5)
    assert all(estimate.low < estimate.value < estimate.high for estimate in estimates)


def test_ratios_tell_a_narrowed_set() -> None:
    real, other, narrow = clustered(0, 60), clustered(1, 60), clustered(2, 60, spread=0.2)
    for ratio in (vendi_ratio_estimate, lambda a, b: distance_ratio_estimate(a, b, 0)):
        like, unlike = ratio(other, real), ratio(narrow, real)
        assert like.low < 1 < like.high
        assert unlike.high < 1
        assert ratio(real, real).value == pytest.approx(1)


def test_a_reference_without_variety_has_no_ratio() -> None:
    alike = EmbeddingSet(np.ones((8, 3)), np.arange(8))
    with pytest.raises(ScoreError, match="all alike"):
        distance_ratio(clustered(0, 5), alike)


def test_a_single_file_has_no_distance_between_files() -> None:
    with pytest.raises(ScoreError, match="two files"):
        mean_distance(np.eye(3), np.zeros(3, dtype=np.int64))


@given(seed=st.integers(0, 1000), n=st.integers(1, 60), n_files=st.integers(1, 15))
@settings(deadline=None)
def test_matched_part_has_the_size_asked_and_is_deterministic(seed: int, n: int, n_files: int) -> None:
    sounds = clustered(0, 15)
    part = matched(sounds, n, n_files, seed)
    assert len(part) == n
    assert len(np.unique(part.values, axis=0)) == n
    assert part.n_files <= max(n_files, -(-n // 4))
    np.testing.assert_array_equal(part.values, matched(sounds, n, n_files, seed).values)


def test_matched_whole_is_itself() -> None:
    sounds = clustered(0, 5)
    assert matched(sounds, 20, 2, seed=0) is sounds


@pytest.mark.parametrize(("n", "d"), [(40, 60), (400, 20), (1500, 8)])
def test_error_of_vendi_is_the_jackknife_of_the_rows(n: int, d: int) -> None:
    """Leaving out is done on products; it must be that of leaving out rows."""
    x = np.random.default_rng(4).standard_normal((n, d))
    files = np.arange(n) % 10
    left = np.array([vendi(x[files != file]) for file in range(10)])
    estimate = vendi_estimate(EmbeddingSet(x, files))
    assert estimate.value == pytest.approx(vendi(x), rel=1e-12)
    assert estimate.se == pytest.approx(np.sqrt(0.9 * ((left - left.mean()) ** 2).sum()), rel=1e-6)
