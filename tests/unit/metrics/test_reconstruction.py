import numpy as np
import pytest
from scipy import signal

from ravetui.errors import ScoreError
from ravetui.metrics.reconstruction import magnitudes, paired_windows, spectral_distance


def test_pairs_are_compared_with_their_own() -> None:
    inputs = np.eye(4)
    outputs = np.array([[1.0, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 1], [0, 0, 0, 1]])
    found = paired_windows(outputs, inputs)
    assert found.distance == pytest.approx([0, 1 - 2**-0.5, 1, 0])
    assert found.found.tolist() == [1, 0, 0, 1]


def test_sets_are_not_pairs() -> None:
    with pytest.raises(ScoreError, match="3 outputs and 4 inputs"):
        paired_windows(np.ones((3, 2)), np.ones((4, 2)))


def test_magnitudes_are_scipys() -> None:
    clip = np.random.default_rng(0).standard_normal(5000)
    _, _, theirs = signal.stft(
        clip, window="hann", nperseg=512, noverlap=384, boundary=None, padded=False, scaling="psd"
    )
    ours = magnitudes(clip, 512)
    scale = float(np.linalg.norm(ours)) / float(np.linalg.norm(theirs))
    assert ours == pytest.approx(scale * np.abs(theirs).T, rel=1e-9, abs=1e-9)


def test_spectral_distance_grows_with_damage_and_is_nothing_for_equals() -> None:
    random = np.random.default_rng(1)
    time = np.arange(44100) / 44100
    clip = np.sin(2 * np.pi * 220 * time) * np.exp(-2 * time)
    assert spectral_distance(clip, clip) == 0
    noisy = [spectral_distance(clip + level * random.standard_normal(44100), clip) for level in (0.001, 0.01, 0.1)]
    assert 0 < noisy[0] < noisy[1] < noisy[2]
    hiss = random.standard_normal(44100)
    assert spectral_distance(0.5 * hiss, hiss) == pytest.approx(5 * (0.5 + np.log(2)), rel=1e-4)
    with pytest.raises(ScoreError, match="silent"):
        spectral_distance(clip, np.zeros(44100))
