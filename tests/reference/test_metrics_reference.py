"""Metrics against independent ways to the same number: scipy's matrix square root, closed forms, a direct DFT."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import linalg, signal

from ravetui.metrics.fad import fad, frechet, gaussian
from ravetui.metrics.kid import kid
from ravetui.metrics.mel import MelEmbedder
from ravetui.metrics.mel_filters import mel_filters

Floats = NDArray[np.float64]


def sqrtm_fad(x: Floats, y: Floats) -> float:
    """|μ₁ − μ₂|² + tr(C₁ + C₂ − 2 (C₁C₂)^½) as the field's tools compute it, with the real part of scipy's root."""
    a, b = np.cov(x.T), np.cov(y.T)
    root = linalg.sqrtm((a @ b).astype(complex)).real
    return float(((x.mean(axis=0) - y.mean(axis=0)) ** 2).sum() + np.trace(a + b - 2 * root))


def draw(seed: int, n: int, d: int) -> Floats:
    random = np.random.default_rng(seed)
    mixed: Floats = random.standard_normal((n, d)) @ random.standard_normal((d, d)) / np.sqrt(d)
    return mixed + random.standard_normal(d)


@pytest.mark.parametrize(("n", "m", "d"), [(500, 300, 2), (500, 300, 16), (400, 400, 64), (700, 600, 128)])
def test_fad_equals_the_square_root_of_the_product(n: int, m: int, d: int) -> None:
    x, y = draw(0, n, d), draw(1, m, d)
    assert fad(x, y) == pytest.approx(sqrtm_fad(x, y), rel=1e-8)


@pytest.mark.parametrize(
    ("n", "m", "d"), [(10, 10, 32), (10, 200, 32), (200, 10, 32), (32, 33, 32), (2, 3, 8), (5, 90, 64)]
)
def test_fad_of_fewer_windows_than_dimensions_equals_it_too(n: int, m: int, d: int) -> None:
    """There the product is singular, and scipy's root is only good to the square root of rounding."""
    x, y = draw(2, n, d), draw(3, m, d)
    assert fad(x, y) == pytest.approx(sqrtm_fad(x, y), rel=1e-4)


@pytest.mark.parametrize("rank", [1, 3, 15])
def test_fad_of_rank_deficient_sets_equals_that_in_their_subspace(rank: int) -> None:
    """Both sets live in one subspace: an isometry into more dimensions changes nothing."""
    x, y = draw(4, 300, rank), draw(5, 200, rank)
    isometry = np.linalg.qr(np.random.default_rng(6).standard_normal((16, 16)))[0][:rank]
    expected = sqrtm_fad(x, y) if rank > 1 else line_fad(x, y)
    assert fad(x @ isometry, y @ isometry) == pytest.approx(expected, rel=1e-8)


def line_fad(x: Floats, y: Floats) -> float:
    return float((x.mean() - y.mean()) ** 2 + (x.std(ddof=1) - y.std(ddof=1)) ** 2)


def test_fad_with_constant_and_repeated_dimensions() -> None:
    x, y = draw(7, 300, 4), draw(8, 300, 4)
    padded = [np.concatenate([z, z, np.full((300, 3), 5.0)], axis=1) for z in (x, y)]
    assert fad(*padded) == pytest.approx(2 * sqrtm_fad(x, y), rel=1e-8)


def test_fad_in_one_dimension_is_the_distance_of_means_and_deviations() -> None:
    x, y = draw(9, 100, 1), 3 * draw(10, 80, 1)
    assert fad(x, y) == pytest.approx(line_fad(x, y), rel=1e-10)


def whitened(seed: int, n: int, d: int) -> Floats:
    """Rows whose sample mean is exactly 0 and whose unbiased sample covariance is exactly the identity."""
    x = np.random.default_rng(seed).standard_normal((n, d))
    x -= x.mean(axis=0)
    return np.asarray(np.sqrt(n - 1) * np.linalg.qr(x)[0], dtype=np.float64)


def test_fad_of_diagonal_gaussians_has_its_closed_form() -> None:
    """|μ₁ − μ₂|² + Σ (σ₁ − σ₂)²."""
    a, b = np.geomspace(0.01, 10, 12), np.geomspace(5, 0.1, 12)
    shift = np.linspace(-1, 2, 12)
    x, y = whitened(0, 200, 12) * a, whitened(1, 150, 12) * b + shift
    assert fad(x, y) == pytest.approx((shift**2).sum() + ((a - b) ** 2).sum(), rel=1e-10)


def test_fad_of_nearly_singular_gaussians_has_its_closed_form() -> None:
    """Deviations over nine decades: beyond what a Cholesky factor of the covariance resolves."""
    a, b = np.geomspace(1e-9, 1, 10), np.geomspace(1, 1e-9, 10)
    x, y = whitened(2, 100, 10) * a, whitened(3, 100, 10) * b
    assert not gaussian(x).regular
    assert fad(x, y) == pytest.approx(((a - b) ** 2).sum(), rel=1e-6)
    assert frechet(gaussian(x), gaussian(x)) == pytest.approx(0, abs=1e-7)


def test_kid_equals_the_sum_of_its_polynomial_terms() -> None:
    """(1 + c)³ = 1 + 3c + 3c² + c³: distances of the mean, second and third moment tensors of the unit rows."""
    random = np.random.default_rng(0)
    x, y = random.standard_normal((150, 5)) + 1, random.standard_normal((120, 5))
    u, v = (z / np.linalg.norm(z, axis=1, keepdims=True) for z in (x, y))
    expected = 0.0
    for degree, weight in ((1, 3.0), (2, 3.0), (3, 1.0)):
        a, b = (moment(z, degree) for z in (u, v))
        n, m = len(u), len(v)
        # |row ⊗ … ⊗ row| = 1, so the pairs of a row with itself add n.
        within = ((a**2).sum() * n**2 - n) / (n * (n - 1)) + ((b**2).sum() * m**2 - m) / (m * (m - 1))
        expected += weight * (within - 2 * (a * b).sum())
    assert kid(x, y) == pytest.approx(expected, abs=1e-6)


def moment(rows: Floats, degree: int) -> Floats:
    letters = "abc"[:degree]
    product = np.einsum(",".join(f"n{letter}" for letter in letters) + f"->{letters}", *[rows] * degree)
    return np.asarray(product / len(rows), dtype=np.float64)


def slaney_edge(mel: float) -> float:
    """Hz of a Slaney mel: 200/3 Hz a mel up to 15, then a factor of 6.4 each 27 mel."""
    return mel * 200 / 3 if mel < 15 else 1000 * 6.4 ** ((mel - 15) / 27)


def test_mel_filters_equal_the_formula_bin_by_bin() -> None:
    rate, n_fft, bands = 16000, 1024, 32
    top = 15 + 27 * np.log(rate / 2 / 1000) / np.log(6.4)
    edges = [slaney_edge(top * k / (bands + 1)) for k in range(bands + 2)]
    expected = np.zeros((bands, n_fft // 2 + 1))
    for band in range(bands):
        low, centre, high = edges[band : band + 3]
        for index in range(n_fft // 2 + 1):
            hz = index * rate / n_fft
            if low < hz <= centre:
                expected[band, index] = (hz - low) / (centre - low) * 2 / (high - low)
            elif centre < hz < high:
                expected[band, index] = (high - hz) / (high - centre) * 2 / (high - low)
    np.testing.assert_allclose(mel_filters(rate, n_fft, bands), expected, atol=1e-12)


def test_log_mel_equals_scipys_spectrogram_under_the_filters() -> None:
    rate = 16000
    audio = np.random.default_rng(0).uniform(-1, 1, rate)
    embedder = MelEmbedder(rate)
    n_fft, hop = embedder.n_fft, embedder.hop_length
    _, _, spectrum = signal.stft(
        audio, nperseg=n_fft, noverlap=n_fft - hop, window="hann", boundary=None, padded=False, scaling="spectrum"
    )
    # scipy scales by the window's sum; a real sine of amplitude 1 then has a magnitude of 1/2.
    power = np.abs(2 * spectrum) ** 2
    expected = 10 * np.log10(mel_filters(rate, n_fft, 32) * rate / n_fft @ power)
    np.testing.assert_allclose(embedder.log_mel(audio[None].astype(np.float32))[0], expected.T, atol=2e-3)
