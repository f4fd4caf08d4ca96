"""A machine on which nothing can be heard."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from textual.app import App

from ravetui.app.sound.playback import Playback
from ravetui.app.sound.report import PlaybackReport
from tests.pulse import NO_SOUND, PATIENCE, tone

RAVETUI = (sys.executable, "-c", "from ravetui.cli import main; main()")


def ravetui(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*RAVETUI, *words], env={**os.environ, **NO_SOUND}, capture_output=True, text=True, timeout=PATIENCE
    )


def test_without_a_device_the_path_is_shown_and_the_exit_is_1(tmp_path: Path) -> None:
    path = tone(tmp_path / "l.flac", 0.2)
    done = ravetui("play", os.path.relpath(path))
    assert done.returncode == 1
    assert done.stdout == ""
    assert "this machine has no sound device" in done.stderr.casefold()
    assert str(path) in done.stderr


def test_without_a_device_json_says_not_played(tmp_path: Path) -> None:
    path = tone(tmp_path / "m.flac", 0.2)
    done = ravetui("play", str(path), "--json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert document["route"].startswith("nowhere: on your laptop run `ravetui listen ")
    assert document["reason"] == "this machine has no sound device"
    assert (document["path"], document["played"], document["seconds"]) == (str(path), False, 0.0)


def test_what_is_not_audio_is_named(tmp_path: Path) -> None:
    path = tmp_path / "n.wav"
    path.write_text("not audio at all")
    done = ravetui("play", str(path))
    assert done.returncode == 1
    assert done.stderr == f"Cannot play: {path} cannot be played: Format not recognised.\n"


async def test_the_screen_stays_awake_while_the_player_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in NO_SOUND.items():
        monkeypatch.setenv(key, value)
    path = tone(tmp_path / "o.flac", 0.1)

    class Screen(App[None]):
        BINDINGS = [("space", "play"), ("m", "mark")]

        def __init__(self) -> None:
            super().__init__()
            self.playback = Playback(self.told)
            self.seen: list[str] = []
            self.failed = asyncio.Event()

        def told(self, report: PlaybackReport) -> None:
            self.seen.append(report.message or report.route.label)
            if report.state == "failed":
                self.failed.set()

        def action_play(self) -> None:
            self.run_worker(self.playback.play(path))

        def action_mark(self) -> None:
            self.seen.append("marked")

    app = Screen()
    async with app.run_test() as pilot:
        await pilot.press("space", "m")
        async with asyncio.timeout(PATIENCE):
            await app.failed.wait()
        await app.playback.close()
    assert app.seen[0] == "marked"
    assert app.seen[-1] == f"This machine has no sound device; the file is {path}"
