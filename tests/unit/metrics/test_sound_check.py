import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from ravetui.metrics.sound_check import listen, set_warnings

RATE = 44100
Audio = NDArray[np.float64]


def pink(seed: int, seconds: float = 2.0) -> Audio:
    """Noise that falls by 3 dB an octave, as music does."""
    n = int(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(n))
    shaped = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), n)
    return np.asarray(0.1 * shaped / shaped.std())


def lowpassed(clip: Audio, hz: float) -> Audio:
    """As an MP3 encoder does it: everything above is gone."""
    spectrum = np.fft.rfft(clip)
    spectrum[np.fft.rfftfreq(len(clip), 1 / RATE) > hz] = 0
    return np.fft.irfft(spectrum, len(clip))


def test_level_of_a_sine_and_of_silence() -> None:
    sine = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)
    assert listen(sine, RATE).loudness_db == pytest.approx(-3.01, abs=0.01)
    assert listen(np.zeros(RATE), RATE).loudness_db == -np.inf


def test_good_sets_get_no_warning() -> None:
    clips = [listen(pink(seed), RATE) for seed in range(10)]
    assert set_warnings(clips[:5], clips[5:]) == ()


def test_each_mismatch_is_named() -> None:
    reference = [listen(pink(seed), RATE) for seed in range(5)]
    quiet = [listen(0.2 * pink(seed), RATE) for seed in range(5, 10)]
    assert set_warnings(quiet, reference) == ("The scored clips are 14 dB quieter: part of the distance is level.",)
    coded = [listen(lowpassed(pink(seed), 16000), RATE) for seed in range(5, 10)]
    sentences = " ".join(set_warnings(coded, reference))
    assert "scored clips end at 16.0 kHz, the reference clips at 2" in sentences
    assert "Only the scored clips end at a wall" in sentences
    silent = [listen(np.zeros(RATE), RATE), *reference[:2]]
    assert set_warnings(silent, reference)[0].startswith("1 of 3 scored clips are silent")
    clipped = [listen(np.clip(20 * pink(seed), -1, 1), RATE) for seed in range(3)]
    assert any("3 of 3 scored clips are clipped" in sentence for sentence in set_warnings(clipped, reference))


def test_a_gentle_filter_is_no_codec() -> None:
    reference = [listen(pink(seed), RATE) for seed in range(3)]
    filters = signal.butter(2, 8000, fs=RATE)
    muffled = [listen(signal.lfilter(*filters, pink(seed)), RATE) for seed in range(3)]
    assert not any(clip.cliff for clip in (*muffled, *reference))
