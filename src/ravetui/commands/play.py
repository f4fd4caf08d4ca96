"""``ravetui play``."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from ravetui.app.sound.cue import HIGHEST_DB, LOWEST_DB
from ravetui.app.sound.playback import Playback
from ravetui.app.sound.report import About, PlaybackReport
from ravetui.app.sound.whereabouts import listen_command
from ravetui.commands.output import ProgressLine, emit, json_option, say
from ravetui.errors import ConfigError, SoundError
from ravetui.runs.format import clock
from ravetui.runs.workspace import find_workspace


@click.command("play")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--seek", type=click.FloatRange(min=0), default=0.0, metavar="SECONDS", help="Begin there.")
@click.option("--loop", is_flag=True, help="Begin again at the end, until Ctrl-C.")
@click.option(
    "--gain", type=click.FloatRange(LOWEST_DB, HIGHEST_DB), default=0.0, metavar="DB", help="Louder or softer."
)
@click.option(
    "--page/--no-page",
    default=None,
    help="Where nothing can be heard, wait for a page in the laptop's browser; without either: only on a terminal.",
)
@json_option
@click.pass_context
def command(
    context: click.Context, file: Path, seek: float, loop: bool, gain: float, page: bool | None, as_json: bool
) -> None:
    """Play an audio FILE and say where the sound went; Ctrl-C stops it.

    It is heard on the laptop where `ravetui listen` runs, else on this machine, else in a page that the laptop's
    browser opens through ssh; the lines for that are printed, and it waits. Exit 1 when it was not heard.
    """
    path = Path(os.path.abspath(file))  # noqa: PTH100 (no .., and links as they were typed)
    waits = page if page is not None else sys.stderr.isatty() and not as_json
    report, interrupted = _Play(path, seek, loop, gain, waits).run(_volume(context))
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


@dataclass
class _Play:
    """One file to be heard."""

    path: Path
    seek: float
    loop: bool
    gain: float
    waits: bool
    """Whether to wait for a listener or a page where nothing can be heard."""

    def run(self, volume: float) -> tuple[PlaybackReport, bool]:
        """Play until it ends, fails or Ctrl-C comes; the last report, and whether Ctrl-C came."""
        screen = Elapsed(self.path)
        news = asyncio.Event()

        def on_report(report: PlaybackReport) -> None:
            screen.show(report)
            news.set()

        playback, last = Playback(on_report, volume), None
        with contextlib.suppress(KeyboardInterrupt):
            last = asyncio.run(self._play(playback, news, screen))
        screen.close()
        return last or playback.report, last is None

    async def _play(self, playback: Playback, news: asyncio.Event, screen: "Elapsed") -> PlaybackReport:
        """The report of its end, before where it was heard is let go."""

        async def until(condition: Callable[[PlaybackReport], bool]) -> PlaybackReport:
            while not condition(playback.report):
                news.clear()
                await news.wait()
            return playback.report

        try:
            playback.watch()
            serves = self.waits and not (await playback.start()).audible
            start, shown = self.seek, ""
            while True:
                if serves:
                    # Another one, if a browser did not answer and its page was given up.
                    page = await playback.open_page()
                    if page.url != shown:
                        shown = page.url
                        say(_ways(playback.route.reason, page.tunnel, page.url, self.path))
                    await until(lambda report: report.route.audible)
                about = About(title=self.path.name)
                await playback.play(self.path, start, loop=self.loop, gain_db=self.gain, about=about)
                # A page that may not sound yet begins when it is clicked; one that was closed may be opened again.
                over = await until(lambda report: _is_over(report, serves=serves))
                if over.complete or over.fault == "file" or not serves:
                    return over
                screen.note(over.message)
                start = over.position_s
        finally:
            await playback.close()


def _is_over(report: PlaybackReport, *, serves: bool) -> bool:
    if report.complete or report.fault == "file":
        return True
    return report.state == "failed" and not (serves and report.route.audible)


def _ways(reason: str, tunnel: str, url: str, path: Path) -> str:
    """How it can be heard all the same."""
    return "\n".join(
        [
            f"Nothing can be heard yet: {reason}. It is played as soon as one of these is there:",
            f"  a listener on your laptop:  {listen_command()}",
            f"  or a page in its browser:   {tunnel}",
            f"                              {url}   (click into it once)",
            f"Ctrl-C gives up. The file is {path}",
        ]
    )


class Elapsed:
    """Where the sound goes and, on a terminal, how far it is."""

    def __init__(self, path: Path) -> None:
        self._line = ProgressLine(path.name) if sys.stderr.isatty() else None
        self._begun = False
        self._state = "idle"

    def show(self, report: PlaybackReport) -> None:
        """Take a report."""
        before, self._state = self._state, report.state
        if report.state == "playing" and not self._begun:
            say(report.message)
            self._begun = True
        waits, waited = report.state == "waiting", before == "waiting"
        if waits is not waited or (report.state == "failed" != before and report.route.kind == "page"):
            self.note(report.message)
        if self._begun and self._line and report.duration_s:
            elapsed = f"{clock(report.position_s)} / {clock(report.duration_s)}"
            self._line.update(report.position_s / report.duration_s, elapsed)

    def note(self, words: str) -> None:
        """Say something in between."""
        self.close()
        say(words)

    def close(self) -> None:
        """End the line."""
        if self._begun and self._line:
            self._line.close()


def _volume(context: click.Context) -> float:
    """That of the workspace; a file outside of any workspace is played as it is."""
    try:
        workspace = find_workspace(context.find_root().params.get("workspace") or Path.cwd())
    except ConfigError:
        return 1.0
    return workspace.config.sound.volume
