from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ravetui.config import DataSettings
from ravetui.engine.data.prepare import prepare
from ravetui.jobs.demo_audio import PIECES, render, write_demo_audio
from ravetui.jobs.demo_instruments import Sound, burst, pluck, room, strike

RATE = 44100


heard: list[tuple[float, str]] = []


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    heard.clear()
    return write_demo_audio(tmp_path_factory.mktemp("demo"), 0, lambda share, word: heard.append((share, word)))


def spectrum(sound: Sound, rate: int = RATE) -> tuple[Sound, Sound]:
    size = 1 << 19
    power: Sound = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), size)) ** 2
    return np.fft.rfftfreq(size, 1 / rate).astype(np.float64), power


def test_it_is_a_few_minutes_of_several_kinds_of_files(demo: list[Path]) -> None:
    infos = [soundfile.info(path) for path in demo]
    assert 8 <= len(infos) <= 12
    assert 200 <= sum(info.duration for info in infos) <= 280
    assert {info.format for info in infos} == {"WAV", "FLAC", "OGG"}
    assert {info.samplerate for info in infos} == {22050, 32000, 44100, 48000}
    assert {info.channels for info in infos} == {1, 2}
    assert sum(info.duration < 2 for info in infos) == 2


def test_every_file_is_loud_enough_and_never_clips(demo: list[Path]) -> None:
    for path in demo:
        audio, _ = soundfile.read(path, always_2d=True)
        assert 0.6 < np.abs(audio).max() < 0.8, path.name
        assert 0.02 < np.sqrt(np.mean(audio**2)) < 0.3, path.name
        assert abs(audio.mean()) < 1e-3, path.name
        # No click at the end.
        assert np.abs(audio[-10:]).max() < 0.01, path.name


def test_stereo_files_are_stereo(demo: list[Path]) -> None:
    for path in demo:
        audio, _ = soundfile.read(path, always_2d=True)
        if audio.shape[1] == 2:
            difference = audio[:, 0] - audio[:, 1]
            assert np.sqrt(np.mean(difference**2)) > 0.005, path.name


def test_the_seed_alone_decides() -> None:
    short = PIECES[-1]
    first, again, other = (render(short, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_progress_names_the_files(demo: list[Path]) -> None:
    assert [path.name for path in demo] == [piece.file for piece in PIECES]
    assert [word for _, word in heard] == [*(piece.file for piece in PIECES), ""]
    assert heard[-1][0] == 1.0


def test_it_makes_a_dataset_in_which_short_files_are_joined(demo: list[Path], tmp_path: Path) -> None:
    index = prepare(tmp_path / "demo", [demo[0].parent], DataSettings(), lambda _share, _word: None)
    assert index.skipped == ()
    assert sum(len(segment.files) for segment in index.segments) == len(PIECES)
    assert sum(len(segment.files) > 1 for segment in index.segments) >= 1
    assert index.training_crops(32768) >= 200
    assert index.seconds("validation") > 10


@pytest.mark.parametrize("instrument", [pluck, strike])
@pytest.mark.parametrize("frequency", [82.4, 220.0, 523.3, 1318.5])
def test_pitch_is_right_within_two_cents(instrument: Callable[..., Sound], frequency: float) -> None:
    sound = instrument(frequency, 2.0, RATE, 0.7, np.random.default_rng(0))
    frequencies, power = spectrum(sound)
    near = (frequencies > frequency * 0.8) & (frequencies < frequency * 1.25)
    found = frequencies[near][power[near].argmax()]
    assert abs(1200 * np.log2(found / frequency)) < 2


def test_a_string_has_harmonics_and_a_bar_has_not() -> None:
    random = np.random.default_rng(0)
    for instrument, ratios, wrong in ((pluck, (1, 2, 3, 4), (2.756,)), (strike, (1, 2.756, 5.404), (2, 3))):
        frequencies, power = spectrum(instrument(300.0, 1.5, RATE, 0.9, random))

        def peak(ratio: float, frequencies: Sound = frequencies, power: Sound = power) -> float:
            return float(power[np.abs(frequencies - 300 * ratio) < 6].max())

        assert min(map(peak, ratios)) > 30 * max(map(peak, wrong)), instrument.__name__


def test_a_burst_is_noise_around_its_resonance() -> None:
    frequencies, power = spectrum(burst(1000.0, 1.0, RATE, 0.8, np.random.default_rng(0)))
    first = power[(frequencies > 700) & (frequencies < 1300)].sum()
    second = power[(frequencies > 1900) & (frequencies < 2900)].sum()
    assert first > second > 0
    assert first + second > 0.75 * power.sum()


@pytest.mark.parametrize("instrument", [pluck, strike, burst])
@pytest.mark.parametrize("rate", [22050, 48000])
def test_notes_have_their_length_begin_and_die_away(instrument: Callable[..., Sound], rate: int) -> None:
    sound = instrument(440.0, 1.25, rate, 0.6, np.random.default_rng(0))
    assert sound.shape == (int(1.25 * rate),)
    assert 0.2 < np.abs(sound).max() < 1
    tenth = len(sound) // 10
    assert np.abs(sound[-tenth:]).max() < 0.2 * np.abs(sound).max()
    assert abs(sound[-1]) < 1e-3


def test_a_room_rings_on_and_keeps_the_length() -> None:
    dry = np.zeros((2, RATE))
    dry[:, 100] = 1.0
    wet = room(dry, RATE, 0.5, 0.3, np.random.default_rng(0))
    assert wet.shape == dry.shape
    assert np.abs(wet[:, :100]).max() < 1e-6
    early, late = (np.sqrt(np.mean(wet[:, start : start + 2000] ** 2)) for start in (2000, 18000))
    assert early > 10 * late > 0
    assert not np.array_equal(wet[0], wet[1])
