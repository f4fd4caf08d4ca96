import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ravetui.engine.data.augment.compress import Compression, compress, draw_compression

RATE = 44100
compressions = st.builds(Compression, st.floats(-40, -10), st.floats(1.5, 6))


def sine(amplitude: float, seconds: float = 1.0) -> NDArray[np.float32]:
    time = np.arange(int(RATE * seconds)) / RATE
    return np.asarray(amplitude * np.sin(2 * np.pi * 1000 * time), np.float32)[None]


def decibel(audio: NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.square(audio.astype(float)).mean()))


@pytest.mark.parametrize("level", [-60.0, -21.0, -10.0, -3.0])
def test_a_steady_tone_comes_out_at_the_level_of_the_curve(level: float) -> None:
    how = Compression(threshold=-20.0, ratio=4.0)
    tone = sine(np.sqrt(2) * 10 ** (level / 20))
    expected = level if level < -20 else -20 + (level + 20) / 4
    assert decibel(compress(tone, RATE, how)[:, RATE // 2 :]) == pytest.approx(expected, abs=0.1)


def test_the_crest_factor_of_hits_becomes_smaller() -> None:
    time = np.arange(2 * RATE) / RATE
    hits = (0.9 * np.exp(-12 * (time % 0.5)) * np.sin(2 * np.pi * 200 * time)).astype(np.float32)[None]
    found = compress(hits, RATE, Compression(-30.0, 4.0))
    crest = [np.abs(audio).max() / np.sqrt(np.square(audio).mean()) for audio in (hits, found)]
    assert crest[1] < 0.85 * crest[0]


def test_the_gain_falls_fast_and_rises_slowly() -> None:
    how = Compression(-30.0, 6.0)
    loud, quiet = sine(0.9, 0.5), sine(0.01, 0.5)
    found = compress(np.concatenate([quiet, loud, quiet], axis=1), RATE, how)
    begin, end = loud.shape[1], 2 * loud.shape[1]
    settled = decibel(found[:, end - 4410 : end])
    after_attack = slice(begin + int(0.005 * RATE), begin + int(0.015 * RATE))
    assert decibel(found[:, after_attack]) == pytest.approx(settled, abs=0.5), "five attack times later"
    still = slice(end + int(0.02 * RATE), end + int(0.03 * RATE))
    assert decibel(found[:, still]) < decibel(quiet) - 6, "half a release time later"
    assert decibel(found[:, -2000:]) == pytest.approx(decibel(quiet), abs=1.0)


def test_silence_stays_silent() -> None:
    np.testing.assert_array_equal(compress(np.zeros((2, 1000), np.float32), RATE, Compression(-40.0, 6.0)), 0)


@given(compressions, st.integers(1, 300), st.integers(1, 3), st.integers(0, 9))
def test_nothing_becomes_louder_and_shape_stays(how: Compression, frames: int, channels: int, seed: int) -> None:
    audio = np.random.default_rng(seed).uniform(-1, 1, (channels, frames)).astype(np.float32)
    found = compress(audio, RATE, how)
    assert found.shape == audio.shape
    assert found.dtype == np.float32
    assert (np.abs(found) <= np.abs(audio) + 1e-6).all()
    assert (found * audio >= 0).all()
    np.testing.assert_array_equal(found, compress(audio, RATE, how))


def test_threshold_and_ratio_are_in_their_ranges() -> None:
    for seed in range(200):
        how = draw_compression(np.random.default_rng(seed))
        assert -40 <= how.threshold <= -10
        assert 1.5 <= how.ratio <= 6
