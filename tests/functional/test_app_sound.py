"""What space and o do, and what the screen says about it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.pulse import NO_SOUND, RATE, PulseServer, Recording, pulse_server
from tests.run_maker import ORIGINAL, RECONSTRUCTION, MadeRun, sampled_run
from tests.screen import screen_of

__all__ = ["pulse_server"]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeRun]:
    with sampled_run(tmp_path, 2, 20.0) as made:
        yield made


async def test_without_a_device_it_says_so_in_words_and_where_the_file_is(
    made: MadeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in NO_SOUND.items():
        monkeypatch.setenv(key, value)
    async with screen_of(made.workspace) as seen:
        await seen.see("01 nocturne")
        await seen.press("space")
        # Not read off the toast, which may break the path across two lines.
        await seen.until(lambda: any("nocturne.flac" in item.message for item in seen.app._notifications), "the path")
        await seen.see("♪ nowhere: on your laptop run `ravetui listen")
        assert "0:00/" not in seen.text


async def test_space_plays_o_switches_and_space_stops(
    made: MadeRun, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    server: PulseServer = request.getfixturevalue("pulse_server")
    for key, value in server.environment.items():
        monkeypatch.setenv(key, value)
    async with screen_of(made.workspace) as seen:
        await seen.see("01 nocturne")
        with server.recording() as recording:
            await seen.press("space")
            await seen.see("♪ this machine (PulseAudio", "♪ 01 nocturne", "recon ", "/0:20")
            await seen.until(lambda: pitch(recording) == pytest.approx(RECONSTRUCTION, abs=10), "the reconstruction")
            await seen.see("0:01/0:20")
            await seen.press("o")
            await seen.see("♪ 01 nocturne", "orig ")
            assert "0:00/" not in seen.line("♪ 01 nocturne")
            await seen.until(lambda: pitch(recording) == pytest.approx(ORIGINAL, abs=10), "the original")
            await seen.press("space")
            await seen.until(lambda: "♪ 01 nocturne" not in seen.text, "the end of playing")
            await seen.until(lambda: pitch(recording) == 0.0, "silence")


def pitch(recording: Recording) -> float:
    """Frequency of the last fifth of a second, Hz; 0 if it is silent."""
    newest = recording.samples()[-RATE // 5 :]
    if len(newest) < RATE // 5 or np.abs(newest).max() < 1e-4:
        return 0.0
    return float(np.argmax(np.abs(np.fft.rfft(newest)))) * 5
