"""Comparing by ear: equal loudness, the same clip of other checkpoints and runs, repeats, seeking, auto-play."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ravetui.app.levels import TARGET
from ravetui.metrics.loudness import loudness
from ravetui.runs.samples import list_samples
from tests.pulse import RATE, PulseServer, Recording, pulse_server
from tests.run_maker import RATE as CLIP_RATE
from tests.run_maker import RECONSTRUCTION, MadeRun, sampled_run
from tests.screen import Seen, screen_of

__all__ = ["pulse_server"]

OTHER = 660.0


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeRun]:
    with sampled_run(tmp_path, 2, 20.0) as made:
        made.train(50)
        made.validate(samples=0)
        made.render(2, seconds=20.0)
        for clip in list_samples(made.folder, 100):
            soundfile.write(clip.reconstruction, tone(OTHER, 0.05, rate=CLIP_RATE), CLIP_RATE)
        yield made


@pytest.fixture
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> PulseServer:
    server: PulseServer = request.getfixturevalue("pulse_server")
    for key, value in server.environment.items():
        monkeypatch.setenv(key, value)
    return server


def tone(hertz: float, amplitude: float, seconds: float = 20.0, rate: int = RATE) -> np.ndarray:
    return np.asarray(amplitude * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate))


async def test_the_sound_goes_along_to_the_same_clip_of_another_checkpoint(made: MadeRun, server: PulseServer) -> None:
    async with screen_of(made.workspace) as seen:
        await seen.see("samples of step 100")
        with server.recording() as recording:
            await seen.press("space")
            await seen.see("graz step 100 · nocturne")
            await hears(seen, recording, OTHER)
            await seen.see("0:02/0:20")
            await seen.press("less_than_sign")
            await seen.see("graz step 50 · nocturne", "samples of step 50")
            await hears(seen, recording, RECONSTRUCTION)
            assert "0:00/" not in seen.line("♪ 01 nocturne"), "it goes on at the same place"
            await seen.press("greater_than_sign")
            await seen.see("graz step 100 · nocturne")
            await hears(seen, recording, OTHER)
            heard = recording.samples()
        assert len(found := switches(heard)) == 2
        assert max(longest_silence(heard[at - RATE // 10 : at + RATE // 10]) for at in found) < 0.005, "no gap"


async def test_clips_are_equally_loud_until_t(made: MadeRun, server: PulseServer) -> None:
    async with screen_of(made.workspace) as seen:
        await seen.see("samples of step 100")
        with server.recording() as recording:
            await seen.press("space")
            await hears(seen, recording, OTHER)
            assert newest_loudness(recording) == pytest.approx(TARGET, abs=0.5)
            await seen.press("o")
            await hears(seen, recording, 880.0)
            assert newest_loudness(recording) == pytest.approx(TARGET, abs=0.5)
            await seen.press("o", "t")
            await seen.see("true level")
            await hears(seen, recording, OTHER)
            true = loudness(tone(OTHER, 0.05, 1.0), RATE)
            assert true is not None
            await seen.until(lambda: abs(newest_loudness(recording) - true) < 0.5, "the true level")


async def test_seeking_and_repeating(made: MadeRun, server: PulseServer) -> None:
    async with screen_of(made.workspace) as seen:
        await seen.see("samples of step 100")
        await seen.press("space")
        await seen.see("/0:20")
        await seen.press(*["shift+right"] * 12)
        await seen.until(lambda: position(seen) > 11.5, "twelve seconds on")
        await seen.press("shift+left", "shift+left", "shift+left")
        await seen.until(lambda: 8.5 < position(seen) < 11.5, "three back")
        await seen.press("r", *["shift+right"] * 10)
        await seen.see("reconstruction, loop")
        await seen.until(lambda: position(seen) > 17.0, "near the end")
        await seen.until(lambda: position(seen) < 5.0 and "♪ 01 nocturne" in seen.text, "the beginning again")


async def test_a_plays_the_newest_sample_when_it_comes(made: MadeRun, server: PulseServer) -> None:
    async with screen_of(made.workspace) as seen:
        await seen.see("samples of step 100")
        await seen.press("a")
        await seen.see("auto-play")
        made.train(50)
        made.validate(samples=0)
        made.render(2, seconds=20.0)
        await seen.see("graz step 150 · nocturne")


async def test_the_original_is_not_rated(made: MadeRun, server: PulseServer) -> None:
    async with screen_of(made.workspace) as seen:
        await seen.see("samples of step 100")
        await seen.press("o", "space")
        await seen.see("graz original · nocturne")
        await seen.press("3")
        await seen.until(lambda: any("is the reconstruction" in item.message for item in seen.app._notifications))
        assert not made.folder.ratings.exists()


async def hears(seen: Seen, recording: Recording, hertz: float) -> None:
    def pitch() -> float:
        newest = recording.samples()[-RATE // 5 :]
        if len(newest) < RATE // 5 or np.abs(newest).max() < 1e-4:
            return 0.0
        return float(np.argmax(np.abs(np.fft.rfft(newest)))) * 5

    await seen.until(lambda: pitch() == pytest.approx(hertz, abs=10), f"{hertz} Hz")
    # So that what is measured next is of this tone alone.
    heard = len(recording.samples())
    await seen.until(lambda: len(recording.samples()) > heard + RATE // 2)


def newest_loudness(recording: Recording) -> float:
    found = loudness(recording.samples()[-int(0.45 * RATE) :].astype(np.float64), RATE)
    assert found is not None
    return found


def switches(sound: np.ndarray) -> list[int]:
    """Samples about which one tone takes over from the other; a busy machine's gaps elsewhere are not a switch's."""
    size = RATE // 20
    pieces = [sound[begin : begin + size] for begin in range(0, len(sound) - size, size)]
    hertz = [float(np.argmax(np.abs(np.fft.rfft(piece)))) * 20 if np.abs(piece).max() > 1e-3 else 0 for piece in pieces]
    tones = [(n, tone) for n, tone in enumerate(hertz) if tone]
    return [n * size for (_, before), (n, after) in pairwise(tones) if abs(after - before) > 100]


def longest_silence(sound: np.ndarray) -> float:
    """Seconds."""
    loud = np.flatnonzero(np.abs(sound) > 1e-4)
    return float(np.diff(loud).max()) / RATE


def position(seen: Seen) -> float:
    report = seen.app.main.sound
    return report.position_s if report else 0.0
