"""Clips are brought to one loudness unless their peaks stand in the way."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from ravetui.app.levels import CEILING, TARGET, Level, Levels, measure
from ravetui.metrics.loudness import loudness

RATE = 44100


@pytest.mark.parametrize("amplitude", [0.9, 0.3, 0.1])
def test_tones_of_any_level_are_heard_at_the_target(tmp_path: Path, amplitude: float) -> None:
    tone = amplitude * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)
    soundfile.write(tmp_path / "tone.wav", tone, RATE, subtype="FLOAT")
    gain = Levels().gain_db(tmp_path / "tone.wav")
    assert loudness(tone * 10 ** (gain / 20), RATE) == pytest.approx(TARGET, abs=0.01)


def test_peaks_are_not_raised_above_the_ceiling(tmp_path: Path) -> None:
    clicks = np.zeros(2 * RATE)
    clicks[:: RATE // 4] = 0.5
    soundfile.write(tmp_path / "clicks.wav", clicks, RATE, subtype="FLOAT")
    level = measure(tmp_path / "clicks.wav")
    assert level.peak * 10 ** (level.gain_db / 20) == pytest.approx(10 ** (CEILING / 20))


def test_what_is_above_the_ceiling_already_is_not_made_softer_for_it() -> None:
    assert Level(-40.0, 1.0).gain_db == 0.0


def test_a_file_is_measured_again_when_it_has_changed_and_a_missing_one_has_no_gain(tmp_path: Path) -> None:
    levels, path = Levels(), tmp_path / "tone.wav"
    assert levels.gain_db(path) == 0.0
    tone = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    soundfile.write(path, 0.1 * tone, RATE, subtype="FLOAT")
    first = levels.gain_db(path)
    soundfile.write(path, 0.2 * tone[: RATE - 1], RATE, subtype="FLOAT")
    assert first - levels.gain_db(path) == pytest.approx(6.02, abs=0.02)
