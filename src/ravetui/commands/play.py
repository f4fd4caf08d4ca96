"""``ravetui play``."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import click

from ravetui.app.sound.cue import HIGHEST_DB, LOWEST_DB
from ravetui.app.sound.playback import Playback
from ravetui.app.sound.report import About, PlaybackReport
from ravetui.commands.output import ProgressLine, emit, json_option, say
from ravetui.errors import ConfigError, SoundError
from ravetui.runs.workspace import find_workspace


@click.command("play")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--seek", type=click.FloatRange(min=0), default=0.0, metavar="SECONDS", help="Begin there.")
@click.option("--loop", is_flag=True, help="Begin again at the end, until Ctrl-C.")
@click.option(
    "--gain", type=click.FloatRange(LOWEST_DB, HIGHEST_DB), default=0.0, metavar="DB", help="Louder or softer."
)
@json_option
@click.pass_context
def command(context: click.Context, file: Path, seek: float, loop: bool, gain: float, as_json: bool) -> None:
    """Play an audio FILE and say where the sound went; Ctrl-C stops it.

    It is heard on the laptop where `ravetui listen` runs, else on this machine. Exit 1 when it was not heard.
    """
    path = Path(os.path.abspath(file))  # noqa: PTH100 (no .., and links as they were typed)
    screen = Elapsed(path)
    asked = {"start": seek, "loop": loop, "gain_db": gain, "about": About(title=path.name)}
    report, interrupted = _run(path, _volume(context), screen, asked)
    document = {
        "path": str(path),
        "played": report.complete,
        "route": report.route.label,
        "reason": report.route.reason,
        "seconds": round(report.position_s, 3),
    }
    if interrupted:
        if as_json:
            emit(document, "", as_json=True)
        raise click.Abort
    if report.complete:
        emit(document, f"Played {report.duration_s:.1f} s of {path} on {report.route.label}", as_json=as_json)
        return
    if report.fault == "file":
        raise SoundError("Cannot play", report.message)
    if not as_json:
        raise SoundError("No sound", report.message, report.route.remedy)
    say(f"No sound: {report.message}\n{report.route.remedy}".rstrip())
    emit(document, "", as_json=True)
    sys.exit(1)


def _run(path: Path, volume: float, screen: "Elapsed", asked: dict[str, Any]) -> tuple[PlaybackReport, bool]:
    """Play the file until it ends, fails or Ctrl-C comes; the last report, and whether Ctrl-C came."""
    over = asyncio.Event()

    def on_report(report: PlaybackReport) -> None:
        screen.show(report)
        if report.state == "failed" or report.complete:
            over.set()

    playback = Playback(on_report, volume)

    async def play() -> None:
        try:
            playback.watch()
            await playback.play(path, **asked)
            await over.wait()
        finally:
            await playback.close()

    interrupted = False
    try:
        asyncio.run(play())
    except KeyboardInterrupt:
        interrupted = True
    screen.close()
    return playback.report, interrupted


class Elapsed:
    """Where the sound goes and, on a terminal, how far it is."""

    def __init__(self, path: Path) -> None:
        self._line = ProgressLine(path.name) if sys.stderr.isatty() else None
        self._begun = False
        self._waiting = False

    def show(self, report: PlaybackReport) -> None:
        """Take a report."""
        if report.state == "playing" and not self._begun:
            self._begun = True
            say(report.message)
        if (report.state == "waiting") is not self._waiting:
            self._waiting = not self._waiting
            say(report.message)
        if self._begun and self._line and report.duration_s:
            elapsed = f"{_clock(report.position_s)} / {_clock(report.duration_s)}"
            self._line.update(report.position_s / report.duration_s, elapsed)

    def close(self) -> None:
        """End the line."""
        if self._begun and self._line:
            self._line.close()


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _volume(context: click.Context) -> float:
    """That of the workspace; a file outside of any workspace is played as it is."""
    try:
        workspace = find_workspace(context.find_root().params.get("workspace") or Path.cwd())
    except ConfigError:
        return 1.0
    return workspace.config.sound.volume
