"""The screen's side of playing, with the real player on a machine without sound."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ravetui.app.sound.outlet import DeviceOutlet
from ravetui.app.sound.playback import Playback
from ravetui.app.sound.report import PlaybackReport
from tests.pulse import NO_SOUND, tone

NO_DEVICE = "this machine has no sound device"


@pytest.fixture(autouse=True)
def no_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in NO_SOUND.items():
        monkeypatch.setenv(key, value)


def fake_miniaudio(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    (folder / "miniaudio.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(folder))


async def test_a_machine_without_a_device_is_told_and_shown_the_path(tmp_path: Path) -> None:
    path = tone(tmp_path / "a.flac", 0.1)
    reports: list[PlaybackReport] = []
    playback = Playback(reports.append)
    assert (await playback.start()).reason == NO_DEVICE
    await playback.play(path)
    await playback.stop()
    await playback.close()
    failed = reports[-1]
    assert (failed.state, failed.fault, failed.complete) == ("failed", "device", False)
    assert failed.message == f"This machine has no sound device; the file is {path}"
    assert not failed.route.audible
    assert failed.route.label.startswith("nowhere: on your laptop run `ravetui listen ")
    assert failed.route.remedy


async def test_what_is_not_audio_is_a_fault_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    path.write_text("text")
    playback = Playback(lambda report: None)
    await playback.play(path)
    await playback.close()
    assert (playback.report.state, playback.report.fault) == ("failed", "file")
    assert str(path) in playback.report.message


async def test_a_player_that_died_is_started_again(tmp_path: Path) -> None:
    path = tone(tmp_path / "a.flac", 0.1)
    playback = Playback(lambda report: None)
    await playback.start()
    first = playback.player_pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await playback.play(path)
    second = playback.player_pid
    await playback.close()
    assert second not in (None, first)
    assert playback.route.reason == NO_DEVICE


async def test_plays_at_once_are_taken_in_turn(tmp_path: Path) -> None:
    paths = [tone(tmp_path / f"{number}.flac", 0.1) for number in range(4)]
    reports: list[PlaybackReport] = []
    playback = Playback(reports.append)
    await asyncio.gather(*(playback.play(path) for path in paths), playback.stop())
    await playback.close()
    assert [report.path for report in reports if report.state == "failed"] == paths


async def test_a_player_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_miniaudio(tmp_path, monkeypatch, "raise ImportError('no wheel for this machine')")
    playback = Playback(lambda report: None)
    await playback.play(tmp_path / "a.flac")
    assert playback.route.reason == "the player ended by itself (ImportError: no wheel for this machine)"
    assert playback.report.message.endswith(f"the file is {tmp_path / 'a.flac'}")
    assert playback.report.fault == "device"


async def test_a_sound_system_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_miniaudio(tmp_path, monkeypatch, "import threading; threading.Event().wait()")
    monkeypatch.setattr(DeviceOutlet, "patience", 1.0)
    playback = Playback(lambda report: None)
    route = await playback.start()
    assert route.reason == "the sound system of this machine has not answered for 1 s"
    assert playback.player_pid is None


def test_the_screen_does_not_pay_for_sound_libraries() -> None:
    program = (
        "import sys, ravetui.app.sound.playback, ravetui.commands.play\n"
        "print([name for name in ('numpy', 'miniaudio', 'soundfile', 'textual') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
