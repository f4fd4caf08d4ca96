"""The top line: which workspace, where sound goes, the time."""

import time
from pathlib import Path

from textual.content import Content
from textual.widgets import Static

from ravetui.app.panes.columns import spread
from ravetui.app.sound.report import PlaybackReport
from ravetui.runs.format import steps

_LEFT = 30
"""Cells kept for the name of the program and of the workspace."""
_NAME = 12
"""Cells kept for that of the program alone, where sound takes what there is, with the gap after it."""


class StatusLine(Static):
    """One line that changes once a minute, and when sound or runs do."""

    DEFAULT_CSS = """
    StatusLine { height: 1; background: $bar; padding: 0 1; }
    """

    def __init__(self, workspace: Path, *, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id, markup=False)
        self._workspace = _home(workspace)
        self._sound: PlaybackReport | None = None
        self._plain = ""

    def show_sound(self, report: PlaybackReport) -> None:
        """Remember where sound goes; the next ``show`` says it."""
        self._sound = report

    def show(self, live: int, now: float, machine: str = "") -> None:
        """Show the line.

        Args:
            live: How many runs train.
            now: Unix time, seconds.
            machine: How busy the machine of the selected run is.
        """
        # The first line is made before it has been given its place.
        width = max(self.scrollable_content_region.width or self.app.size.width - 2, 20)
        clock = Content.styled(_clock(now), "$number")
        training = Content.styled(f"{live} training", "$run-live" if live else "$faint")
        busy = Content.styled(machine, "$number") if machine else Content("")
        # What there is no room for goes in this order: the number of runs, which the list shows as well, then the
        # machine. Where sound goes is whole, since a command that is cut cannot be typed.
        forms = [_joined(*parts) for parts in ((busy, training, clock), (busy, clock), (training, clock))]
        right = next((form for form in forms if self._fits(form, width)), forms[-1])
        left = Content.assemble((" ravetui ", "$background on $key bold"), (f"  {self._workspace}", "$faint"))
        if self._sound is not None:
            right = Content.assemble(self._sound_words(width - right.cell_length - _NAME), "   ", right)
        line = spread(left, right, width)
        if line.plain != self._plain:
            self._plain = line.plain
            self.update(line, layout=False)

    def _fits(self, right: Content, width: int) -> bool:
        """Whether the name of the program and where sound goes stand beside it, uncut."""
        if self._sound is None:
            return right.cell_length + _LEFT <= width
        return min(text.cell_length for text in self._sound_forms()) + right.cell_length + _NAME <= width

    def _sound_words(self, room: int) -> Content:
        texts = self._sound_forms()
        fitting = next((text for text in texts if text.cell_length <= room), None)
        return fitting or texts[-1].truncate(max(room, 3), ellipsis=True)

    def _sound_forms(self) -> list[Content]:
        """What sounds and where sound goes, the longest form first."""
        assert self._sound is not None
        sound, route = self._sound, self._sound.route
        # A laptop that is gone for good is got back by the command, which the route says.
        waits = sound.state == "waiting" and route.kind == "listener"
        forms: tuple[str, ...] = (
            ("laptop does not answer", "laptop: no answer") if waits else (route.label, route.short or route.label)
        )
        gone = sound.state == "waiting" and not waits
        if sound.sounds and not gone and (words := _clip_words(sound)):
            # What sounds comes before where: a narrow line leaves the place out first.
            forms = tuple(f"{where} · {what}" for what in words for where in dict.fromkeys(forms)) + words
        style = "$sound" if route.audible and not waits else "$run-waiting"
        return [Content.styled(f"♪ {form}", style) for form in forms]


def _joined(*parts: Content) -> Content:
    """Those that are not empty, two cells between them."""
    return Content("  ").join(part for part in parts if part.plain)


def _clip_words(sound: PlaybackReport) -> tuple[str, ...]:
    """Run, step and clip of what sounds, and the same without the clip; empty when it is not known."""
    about = sound.about
    step = f"step {steps(about.step)}" if about.step is not None else "original"
    short = " ".join([about.run, step]) if about.run else ""
    name = about.title.removesuffix(" (original)")
    return (f"{short} · {name}", short) if short and name else ()


def _home(path: Path) -> str:
    """A path with the person's home folder as ``~``."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(path)


def _clock(now: float) -> str:
    return time.strftime("%H:%M", time.localtime(now))
