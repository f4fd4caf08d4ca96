"""``ravetui play``."""

import asyncio
import os
import sys
from pathlib import Path

import click

from ravetui.app.sound.playback import Playback, PlaybackReport
from ravetui.commands.output import ProgressLine, emit, json_option, say
from ravetui.errors import ConfigError, SoundError
from ravetui.runs.workspace import find_workspace


@click.command("play")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def command(context: click.Context, file: Path, as_json: bool) -> None:
    """Play an audio FILE and say where the sound went; Ctrl-C stops it."""
    path = Path(os.path.abspath(file))  # noqa: PTH100 (no .., and links as they were typed)
    screen = Elapsed(path)
    report, interrupted = _run(path, _volume(context), screen)
    document = {
        "path": str(path),
        "played": report.complete,
        "route": report.route.label,
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


def _run(path: Path, volume: float, screen: "Elapsed") -> tuple[PlaybackReport, bool]:
    """Play the file until it ends, fails or Ctrl-C comes; the last report, and whether Ctrl-C came."""
    over = asyncio.Event()

    def on_report(report: PlaybackReport) -> None:
        screen.show(report)
        if report.state == "failed" or report.complete:
            over.set()

    playback = Playback(on_report, volume)

    async def play() -> None:
        try:
            await playback.play(path)
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

    def show(self, report: PlaybackReport) -> None:
        """Take a report."""
        if report.state == "playing" and not self._begun:
            self._begun = True
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
