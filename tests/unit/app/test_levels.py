"""Clips are brought to one loudness unless their peaks stand in the way."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from ravetui.app.levels import CEILING, MOST_DOWN, TARGET, Level, Levels, measure
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


def test_versions_that_are_compared_are_all_as_loud_as_the_one_whose_peaks_allow_least(tmp_path: Path) -> None:
    time = np.arange(2 * RATE) / RATE
    peaky = 0.02 * np.sin(2 * np.pi * 440 * time)
    peaky[:: RATE // 2] = 0.5
    sounds = {"loud": 0.8 * np.sin(2 * np.pi * 440 * time), "soft": 0.05 * np.sin(2 * np.pi * 440 * time)}
    sounds["peaky"] = peaky
    for name, audio in sounds.items():
        soundfile.write(tmp_path / f"{name}.wav", audio, RATE, subtype="FLOAT")
    paths, levels = [tmp_path / f"{name}.wav" for name in sounds], Levels()
    heard = {}
    for name, path in zip(sounds, paths, strict=True):
        found = loudness(sounds[name] * 10 ** (levels.gain_db(path, paths) / 20), RATE)
        assert found is not None
        heard[name] = found
    assert heard["loud"] == pytest.approx(heard["peaky"], abs=0.01)
    assert heard["soft"] == pytest.approx(heard["peaky"], abs=0.01)
    assert TARGET - MOST_DOWN < heard["peaky"] < TARGET - 1, "its peaks stand in the way"
    assert levels.gain_db(paths[0]) > levels.gain_db(paths[0], paths)


def test_one_that_is_hardly_there_does_not_silence_the_others(tmp_path: Path) -> None:
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)
    click = np.zeros(2 * RATE)
    click[:: RATE // 3] = 1.0
    for name, audio in {"tone": tone, "click": click * 0.9, "none": 0 * tone}.items():
        soundfile.write(tmp_path / f"{name}.wav", audio, RATE, subtype="FLOAT")
    paths = [tmp_path / f"{name}.wav" for name in ("tone", "click", "none")]
    gain = Levels().gain_db(paths[0], paths)
    assert loudness(tone * 10 ** (gain / 20), RATE) == pytest.approx(TARGET - MOST_DOWN, abs=0.01)
    assert Levels().gain_db(paths[2], paths) == 0.0


def test_in_a_browser_nothing_is_raised_and_all_are_as_loud_as_the_softest(tmp_path: Path) -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)
    for name, size in {"loud": 0.5, "soft": 0.05}.items():
        soundfile.write(tmp_path / f"{name}.wav", size * tone, RATE, subtype="FLOAT")
    loud, soft = tmp_path / "loud.wav", tmp_path / "soft.wav"
    assert Levels().gain_db(soft, (loud, soft), raised=False) == pytest.approx(0.0)
    assert Levels().gain_db(loud, (loud, soft), raised=False) == pytest.approx(-20.0, abs=0.01)
