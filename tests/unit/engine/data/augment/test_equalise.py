import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.engine.data.augment.equalise import draw_gains, equalise

gains = st.floats(-24, 24)


def response(found: tuple[float, float, float], rate: int, hertz: float) -> float:
    """Gain at a frequency, dB, from the filtered impulse."""
    impulse = np.zeros((1, rate), np.float32)
    impulse[0, 0] = 1
    spectrum = np.fft.rfft(equalise(impulse, rate, found)[0].astype(float))
    return float(20 * np.log10(np.abs(spectrum[round(hertz)])))


@pytest.mark.parametrize("rate", [44100, 48000, 16000, 8000])
@pytest.mark.parametrize(
    ("band", "hertz"), [(0, 0.0), (1, 1000.0), (2, 4000.0)], ids=["lows at 0 Hz", "mids at 1 kHz", "highs at the end"]
)
@pytest.mark.parametrize("gain", [12.0, -9.0])
def test_a_band_has_its_gain_and_leaves_the_others(rate: int, band: int, hertz: float, gain: float) -> None:
    only: tuple[float, float, float] = tuple(gain if number == band else 0.0 for number in range(3))  # type: ignore[assignment]
    ends = [0.0, 1000.0, rate / 2]
    assert response(only, rate, ends[band]) == pytest.approx(gain, abs=0.05)
    for other in {0, 2} - {band}:
        assert response(only, rate, ends[other]) == pytest.approx(0, abs=0.05)


@given(gains, gains, gains)
def test_bands_add_up_in_decibels_and_shape_stays(low: float, middle: float, high: float) -> None:
    whole = response((low, middle, high), 8000, 700)
    single = response((low, 0, 0), 8000, 700) + response((0, middle, 0), 8000, 700) + response((0, 0, high), 8000, 700)
    assert whole == pytest.approx(single, abs=0.01)
    audio = np.random.default_rng(0).normal(size=(2, 77)).astype(np.float32)
    found = equalise(audio, 8000, (low, middle, high))
    assert found.shape == (2, 77)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


def test_a_flat_equaliser_changes_nothing() -> None:
    audio = np.random.default_rng(0).normal(size=(1, 500)).astype(np.float32)
    np.testing.assert_allclose(equalise(audio, 44100, (0, 0, 0)), audio, atol=1e-6)


def test_the_three_gains_are_drawn_apart_and_in_range() -> None:
    drawn = np.array([draw_gains(np.random.default_rng(seed), 6.0) for seed in range(500)])
    assert np.abs(drawn).max() <= 6
    np.testing.assert_allclose(np.corrcoef(drawn.T), np.eye(3), atol=0.15)
