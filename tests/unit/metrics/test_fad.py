import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.fad import effective_rank, fad, fad_estimates, fad_jackknife, frechet, gaussian

Floats = NDArray[np.float64]


def draw(seed: int, n: int, d: int) -> Floats:
    random = np.random.default_rng(seed)
    return random.standard_normal((n, d)) @ random.standard_normal((d, d)) + random.standard_normal(d)


shapes = st.tuples(st.integers(0, 10**6), st.integers(2, 40), st.integers(2, 40), st.integers(1, 24))


@given(shapes)
@settings(deadline=None)
def test_symmetric_nonnegative_and_zero_of_itself(shape: tuple[int, int, int, int]) -> None:
    seed, n, m, d = shape
    x, y = draw(seed, n, d), draw(seed + 1, m, d)
    scale = np.trace(np.atleast_2d(np.cov(x.T))) + np.trace(np.atleast_2d(np.cov(y.T)))
    value = fad(x, y)
    assert value >= 0
    assert fad(y, x) == pytest.approx(value, rel=1e-7, abs=1e-7 * scale)
    assert fad(x, x) == pytest.approx(0, abs=1e-7 * scale)


@given(shapes)
@settings(deadline=None)
def test_invariant_under_translation_and_rotation_and_quadratic_in_scale(shape: tuple[int, int, int, int]) -> None:
    seed, n, m, d = shape
    x, y = draw(seed, n, d), draw(seed + 1, m, d)
    rotation = np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]
    value = fad(x, y)
    tolerance = 1e-6 * (1 + (x**2).sum(axis=1).mean() + (y**2).sum(axis=1).mean())
    assert fad(x + 3.0, y + 3.0) == pytest.approx(value, abs=tolerance)
    assert fad(x @ rotation, y @ rotation) == pytest.approx(value, abs=tolerance)
    assert fad(2 * x, 2 * y) == pytest.approx(4 * value, abs=4 * tolerance)


def test_a_shift_costs_its_square() -> None:
    x = draw(0, 300, 8)
    assert fad(x, x + np.array([3.0, 4.0] + [0.0] * 6)) == pytest.approx(25)


@pytest.mark.parametrize("n", [2, 5, 100])
def test_equal_rows_are_a_point(n: int) -> None:
    point = np.full((n, 6), 2.0)
    y = draw(1, 50, 6)
    assert fad(point, point) == 0
    assert fad(point, point + 1) == pytest.approx(6)
    assert fad(point, y) == pytest.approx(((y.mean(axis=0) - 2) ** 2).sum() + np.trace(np.cov(y.T)))


def test_float32_is_computed_in_float64() -> None:
    x, y = draw(0, 200, 6).astype(np.float32), draw(1, 200, 6).astype(np.float32)
    assert fad(x, y) == fad(x.astype(np.float64), y.astype(np.float64))
    assert isinstance(fad(x, y), float)


def test_what_cannot_be_scored_says_so() -> None:
    with pytest.raises(ScoreError, match="two windows"):
        fad(np.ones((1, 4)), np.ones((5, 4)))
    for bad in (np.nan, np.inf, 1e200):
        with pytest.raises(ScoreError, match="NaN"):
            fad(np.full((5, 4), bad), np.ones((5, 4)))


def test_both_routes_of_the_trace_agree() -> None:
    a, b = gaussian(draw(0, 400, 30)), gaussian(draw(1, 400, 30))
    assert a.regular
    singular = type(b)(b.mean, b.root, b.trace, regular=False)
    assert frechet(a, singular) == pytest.approx(frechet(a, b), rel=1e-10)


def test_jackknife_takes_out_the_bias_of_equal_distributions() -> None:
    """Truth 0: plain FAD is all bias, the corrected one scatters around 0 with the error it tells."""
    random = np.random.default_rng(7)
    mix = random.standard_normal((16, 16)) / 4
    plain, corrected, errors = [], [], []
    for _ in range(40):
        x, y = random.standard_normal((2, 200, 16)) @ mix
        files = np.arange(200) // 2
        a, b = fad_estimates(x, y, files, reference_files=files)
        plain.append(a.value)
        corrected.append(b.value)
        errors.append(b.se)
    spread = np.std(corrected)
    assert abs(np.mean(corrected)) < 3 * spread / np.sqrt(40)
    assert np.mean(plain) > 10 * abs(np.mean(corrected))
    assert 0.5 < np.mean(errors) / spread < 3


def test_jackknife_of_one_side_leaves_the_bias_of_the_other() -> None:
    random = np.random.default_rng(3)
    x, y = random.standard_normal((400, 16)), random.standard_normal((400, 16))
    files = np.arange(400)
    plain = fad(x, y)
    one = fad_jackknife(x, y, files).value
    both = fad_jackknife(x, y, files, reference_files=files).value
    assert one == pytest.approx(plain / 2, rel=0.25)
    assert abs(both) < plain / 5


def test_jackknife_finds_a_true_distance() -> None:
    random = np.random.default_rng(5)
    files = np.arange(600) // 3
    estimate = fad_jackknife(random.standard_normal((600, 8)) + 0.5, random.standard_normal((600, 8)), files, 20, files)
    assert estimate.low < 8 * 0.25 < estimate.high
    assert estimate.high - estimate.low < 1


def test_jackknife_is_the_textbook_formula_for_equal_blocks() -> None:
    x, y = draw(0, 60, 4), draw(1, 60, 4)
    files = np.arange(60) // 6
    left = np.array([fad(x[files != block], y) for block in range(10)])
    estimate = fad_jackknife(x, y, files)
    assert estimate.value == pytest.approx(10 * fad(x, y) - 9 * left.mean())
    assert estimate.se == pytest.approx(np.sqrt(0.9 * ((left - left.mean()) ** 2).sum()))


def test_too_few_files_have_no_jackknife() -> None:
    with pytest.raises(ScoreError, match="at least 4 files, not of 3"):
        fad_jackknife(draw(0, 30, 4), draw(1, 30, 4), np.arange(30) % 3)


def test_effective_rank_counts_equal_directions() -> None:
    axes = np.concatenate([np.eye(9)[:3], -np.eye(9)[:3]])
    assert effective_rank(axes) == pytest.approx(3)
    assert effective_rank(np.repeat(axes, 5, axis=0)) == pytest.approx(3)
    assert effective_rank(np.ones((4, 9))) == 0


def test_corrected_distance_of_equal_distributions_is_0_within_its_error() -> None:
    """n = 500, d = 64, falling variances: at least 93 of 100 draws within two standard errors of 0."""
    random = np.random.default_rng(0)
    axes = np.exp(-np.arange(64) / 20)
    within = 0
    for _ in range(100):
        x, y = random.standard_normal((2, 500, 64)) * axes
        corrected = fad_estimates(x, y, np.arange(500), reference_files=np.arange(500))[1]
        within += abs(corrected.value) <= 2 * corrected.se
    assert within >= 93


@pytest.mark.parametrize("fall", [2, 9, 20])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("mean", [0.0, 3.0])
def test_many_windows_are_as_exact_however_fast_the_variances_fall(fall: float, kind: type, mean: float) -> None:
    """More than 4096 rows are multiplied in float32, but not where that would be seen."""
    random = np.random.default_rng(1)
    axes = np.linalg.qr(random.standard_normal((64, 64)))[0] * np.exp(-fall * np.arange(64) / 64)[:, None]
    x, y = (random.standard_normal((2, 5000, 64)) @ axes + mean).astype(kind)
    y += kind(0.01)
    fits = []
    for z in (x.astype(np.float64), y.astype(np.float64)):
        values, vectors = np.linalg.eigh(np.cov(z.T))
        fits.append((z.mean(axis=0), np.sqrt(np.maximum(values, 0))[:, None] * vectors.T, values.sum()))
    (a, root_a, trace_a), (b, root_b, trace_b) = fits
    shared = np.linalg.svd(root_a @ root_b.T, compute_uv=False).sum()
    assert fad(x, y) == pytest.approx(((a - b) ** 2).sum() + trace_a + trace_b - 2 * shared, rel=1e-6)


def test_values_too_large_for_float32_squares_are_scored_all_the_same() -> None:
    x = np.random.default_rng(0).standard_normal((5000, 4))
    assert fad(x * 1e22, x * 1e22 + 1e22) == pytest.approx(4e44, rel=1e-6)


def test_leaving_out_of_many_windows_is_that_of_the_rows() -> None:
    random = np.random.default_rng(2)
    x, y = random.standard_normal((2, 5000, 16))
    files = np.arange(5000) // 500
    left = np.array([fad(x[files != file], y) for file in range(10)])
    estimate = fad_jackknife(x, y, files, blocks=10)
    assert estimate.value == pytest.approx(10 * fad(x, y) - 9 * left.mean(), rel=1e-5)
