import numpy as np
import pytest
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.catalogue import EMBEDDERS
from ravetui.metrics.mel import FLOOR_DB, MelEmbedder
from ravetui.metrics.mel_filters import hz_to_mel, mel_filters, mel_to_hz

RATE = 16000


def sine(hz: float, amplitude: float = 1.0, rate: int = RATE) -> NDArray[np.float32]:
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(rate) / rate)).astype(np.float32)


def test_shape_and_dtype() -> None:
    embedder = MelEmbedder(44100)
    vectors = embedder.embed(np.zeros((3, embedder.window), dtype=np.float32))
    assert embedder.window == 44100
    assert vectors.shape == (3, embedder.dimensions) == (3, 64)
    assert vectors.dtype == np.float32


@pytest.mark.parametrize("rate", [4000, 8000, 16000, 22050, 44100, 48000, 96000])
def test_silence_is_finite_and_at_the_floor(rate: int) -> None:
    embedder = MelEmbedder(rate)
    silence = np.zeros((1, rate), dtype=np.float32)
    np.testing.assert_allclose(embedder.log_mel(silence), FLOOR_DB, rtol=1e-6)
    np.testing.assert_allclose(embedder.embed(silence)[0], [-2.0] * 32 + [-1.0] * 32, rtol=1e-5)


@pytest.mark.parametrize("rate", [4000, 16000, 44100])
def test_every_band_hears_its_own_centre_best(rate: int) -> None:
    embedder = MelEmbedder(rate)
    centres = mel_to_hz(np.linspace(0, hz_to_mel(np.array(rate / 2)), 34))[1:-1]
    levels = embedder.log_mel(np.stack([sine(hz, rate=rate) for hz in centres])).mean(axis=1)
    assert levels.argmax(axis=1).tolist() == list(range(32))


def test_ten_times_the_amplitude_is_20_db() -> None:
    embedder = MelEmbedder(RATE)
    levels = embedder.log_mel(np.stack([sine(1000, 0.5), sine(1000, 0.05)])).max(axis=2).mean(axis=1)
    np.testing.assert_allclose(levels[0] - levels[1], 20, atol=1e-3)


def test_white_noise_has_the_level_that_the_formula_gives() -> None:
    """A bin's power is σ² Σw² / (Σw / 2)², which for Hann is 6 σ² / n_fft; a band averages bins."""
    embedder = MelEmbedder(RATE)
    noise = 0.1 * np.random.default_rng(0).standard_normal((20, RATE)).astype(np.float32)
    power = 10 ** (embedder.log_mel(noise)[:, :, 5:] / 10)
    assert power.mean() == pytest.approx(6 * 0.01 / embedder.n_fft, rel=0.02)


def test_a_steady_tone_has_no_spread_and_a_click_has() -> None:
    embedder = MelEmbedder(RATE)
    burst = sine(2000)
    burst[RATE // 4 :] = 0
    steady, broken = embedder.embed(np.stack([sine(2000), burst]))[:, 32:]
    band = int(embedder.log_mel(sine(2000)[None]).mean(axis=(0, 1)).argmax())
    assert steady[band] == pytest.approx(-1, abs=0.01)
    assert broken[band] > 2


def test_a_vector_depends_on_its_window_alone() -> None:
    windows = np.random.default_rng(0).uniform(-1, 1, (5, RATE)).astype(np.float32)
    embedder = MelEmbedder(RATE)
    together = embedder.embed(windows)
    apart = np.concatenate([MelEmbedder(RATE).embed(window[None]) for window in windows[::-1]])[::-1]
    np.testing.assert_allclose(together, apart, atol=1e-5)


def test_filters_cover_the_spectrum_without_holes() -> None:
    for rate, n_fft in ((44100, 2048), (16000, 1024), (4000, 256)):
        filters = mel_filters(rate, n_fft, 32)
        assert (filters.max(axis=1) > 0).all()
        assert (filters[:, 1:-1].sum(axis=0) > 0).all()


def test_mel_scale_has_its_known_points_and_inverse() -> None:
    hz = np.array([0.0, 100.0, 1000.0, 6400.0, 22050.0])
    np.testing.assert_allclose(hz_to_mel(hz)[:4], [0, 1.5, 15, 42])
    np.testing.assert_allclose(mel_to_hz(hz_to_mel(hz)), hz)


def test_a_rate_without_room_for_the_bands_is_refused() -> None:
    with pytest.raises(ScoreError, match="4000 Hz"):
        MelEmbedder(3999)


def test_label_says_that_it_is_not_clap() -> None:
    assert MelEmbedder(RATE).label == EMBEDDERS["mel"].label == "mel (log-mel statistics, not CLAP)"
