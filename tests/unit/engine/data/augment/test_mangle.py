import numpy as np
import pytest
from numpy.typing import NDArray

from ravetui.engine.data.augment.mangle import draw_pole, phase_mangle

RATE = 44100


def response(seed: int) -> NDArray[np.complex128]:
    """Frequency response, from the filtered impulse."""
    impulse = np.zeros((1, 1 << 14), np.float32)
    impulse[0, 0] = 1
    filtered = phase_mangle(impulse, RATE, draw_pole(np.random.default_rng(seed)))[0]
    return np.asarray(np.fft.rfft(filtered))


def test_the_spectrum_stays_and_the_phase_changes() -> None:
    for seed in range(20):
        found = response(seed)
        np.testing.assert_allclose(np.abs(found), 1, atol=1e-5)
        assert np.ptp(np.unwrap(np.angle(found))) == pytest.approx(2 * np.pi, rel=0.01)


def frequency(seed: int) -> float:
    """The pole's frequency, Hz: an impulse comes out as r², then 2 r (r² − 1) cos θ."""
    impulse = np.array([[1, 0, 0]], np.float32)
    first, second, _ = phase_mangle(impulse, RATE, draw_pole(np.random.default_rng(seed)))[0].astype(float)
    radius = np.sqrt(first)
    assert radius == pytest.approx(0.99)
    return float(np.arccos(second / (2 * radius * (first - 1))) * RATE / (2 * np.pi))


def test_the_pole_is_between_20_and_2000_hz_and_log_uniform() -> None:
    logarithms = np.sort(np.log([frequency(seed) for seed in range(1000)]))
    expected = np.linspace(np.log(20), np.log(2000), 1000)
    # Kolmogorov and Smirnov: the largest distance of 1000 draws exceeds 1.95 / sqrt(1000) once in a thousand.
    assert np.abs(logarithms - expected).max() / np.log(100) < 0.062


def test_it_is_the_all_pass_of_its_pole() -> None:
    pole = 0.99 * np.exp(2j * np.pi * frequency(5) / RATE)
    delay = np.exp(-1j * np.linspace(0, np.pi, (1 << 13) + 1))
    expected = (np.conj(pole) - delay) * (pole - delay) / ((1 - pole * delay) * (1 - np.conj(pole) * delay))
    # The pole itself is only known from single-precision samples.
    np.testing.assert_allclose(response(5), expected, atol=4e-3)


def test_channels_get_the_same_filter_and_shape_and_type_stay() -> None:
    audio = np.random.default_rng(0).normal(size=500).astype(np.float32)
    found = phase_mangle(np.stack([audio, audio]), RATE, draw_pole(np.random.default_rng(1)))
    assert found.shape == (2, 500)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.allclose(found[0], audio)
