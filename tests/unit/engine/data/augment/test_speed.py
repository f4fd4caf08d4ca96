import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ravetui.engine.data.augment.speed import STEPS, Speed, change_speed, draw_speed, limit_speed

RATE = 44100
CROP = 16384
numerators = st.integers(256, 1024)


@pytest.mark.parametrize("numerator", [256, 431, 511, 512, 513, 640, 767, 1024])
def test_a_sine_is_higher_by_the_ratio_and_clean(numerator: int) -> None:
    speed = Speed(numerator)
    hertz = 1000.0
    time = np.arange(speed.frames(CROP)) / RATE
    found = change_speed(np.sin(2 * np.pi * hertz * time).astype(np.float32)[None], speed, CROP)
    assert found.shape == (1, CROP)
    spectrum = np.abs(np.fft.rfft(found[0].astype(float) * np.blackman(CROP), 16 * CROP))
    peak = int(spectrum.argmax())
    assert peak * RATE / (16 * CROP) == pytest.approx(hertz * speed.ratio, abs=0.2)
    # The window's main lobe is three bins of the crop wide on either side.
    elsewhere = np.delete(spectrum, slice(peak - 64, peak + 64))
    assert 20 * np.log10(elsewhere.max() / spectrum[peak]) < -55
    assert np.abs(found).max() == pytest.approx(1, abs=0.01)


def test_what_would_lie_above_the_nyquist_frequency_is_gone() -> None:
    speed = Speed(1024)
    time = np.arange(speed.frames(CROP)) / RATE
    found = change_speed(np.sin(2 * np.pi * 14000 * time).astype(np.float32)[None], speed, CROP)
    assert np.abs(found).max() < 1e-3


@settings(deadline=None)
@given(numerators, st.integers(1, 3000), st.integers(1, 2))
def test_no_edge_is_heard_and_channels_and_frames_are_as_wanted(numerator: int, crop: int, channels: int) -> None:
    speed = Speed(numerator)
    constant = np.ones((channels, speed.frames(crop)), np.float32)
    found = change_speed(constant, speed, crop)
    assert found.shape == (channels, crop)
    np.testing.assert_allclose(found, 1, atol=2e-3)


@given(numerators, st.integers(40, 5000), st.integers(40, 20_000))
def test_it_never_reads_more_than_there_is(numerator: int, crop: int, available: int) -> None:
    wanted = Speed(numerator)
    got = limit_speed(wanted, crop, available)
    if got is None:
        nearest = Speed(min(max(numerator, STEPS), STEPS + 1))
        assert numerator == STEPS or wanted.frames(crop) > available or nearest.frames(crop) > available
        return
    assert got.frames(crop) <= available
    assert (got.numerator > STEPS) == (numerator > STEPS), "never slower where it was to be faster"
    if got != wanted:
        assert STEPS < got.numerator < numerator
        assert Speed(got.numerator + 1).frames(crop) > available, "as fast as there is audio for"


def test_speeds_are_uniform_in_pitch() -> None:
    pitch = [12 * np.log2(draw_speed(np.random.default_rng(seed), 3.0).ratio) for seed in range(500)]
    assert min(pitch) == pytest.approx(-3, abs=0.05)
    assert max(pitch) == pytest.approx(3, abs=0.05)
    assert np.mean(pitch) == pytest.approx(0, abs=0.25)
