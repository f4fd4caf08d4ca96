"""The selected clip to be looked at while it sounds."""

from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from ravetui.app.messages import Failed
from ravetui.app.panes.board import Board
from ravetui.app.panes.picture import PicturePane, Ruler, View
from ravetui.app.panes.telling import tell
from ravetui.app.picture.cells import note_name
from ravetui.app.picture.clip_picture import BANDS, ClipPicture, clip_picture, decibel
from ravetui.app.sound.report import PlaybackReport
from ravetui.errors import RavetuiError, SoundError
from ravetui.runs.format import steps
from ravetui.runs.samples import Sample

if TYPE_CHECKING:
    from ravetui.app.screens.hearing_actions import HearingActions

_KEYS = "↑↓ Hz  w worst  d difference  a average  space play  o original  esc back"
_MAIN = {
    "space": "play",
    "o": "original",
    "r": "loop",
    "t": "true_level",
    "shift+left": "seek_back",
    "shift+right": "seek_on",
    "less_than_sign": "older",
    "greater_than_sign": "newer",
    **{str(stars): f"rate_{stars}" for stars in range(1, 6)},
}
"""Keys that do what they do on the main screen."""


class Picture(Screen[None]):
    """Waveform and spectrogram, with a cursor for frequencies and a head where the sound is.

    Args:
        main: Whose selected sample this is, and whose keys play it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"main('{name}')", show=False) for key, name in _MAIN.items()),
        Binding("up", "move(1)", show=False),
        Binding("down", "move(-1)", show=False),
        Binding("pageup", "move(8)", show=False),
        Binding("pagedown", "move(-8)", show=False),
        Binding("w", "worst", show=False),
        Binding("d", "view('difference')", show=False),
        Binding("a", "view('average')", show=False),
        Binding("escape,v,q", "leave", show=False),
    ]
    DEFAULT_CSS = """
    Picture {
        background: $background;
        & > Static { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; background: $panel; }
        #picture-keys { color: $quiet; }
    }
    """

    def __init__(self, main: "HearingActions") -> None:
        super().__init__()
        self._main = main
        self._sample: Sample | None = None
        self._picture: ClipPicture | None = None
        self._view: View = "both"
        self._band: int | None = None

    def compose(self) -> ComposeResult:
        """What sounds, the picture, time, what the cursor is on, keys."""
        yield Static(id="picture-head", markup=False)
        yield PicturePane(id="picture")
        yield Ruler(id="ruler")
        yield Static(id="picture-cursor", markup=False)
        yield Static(_KEYS, id="picture-keys", markup=False)

    def on_mount(self) -> None:
        """Follow the board and the sound."""
        self._main.board.shown.subscribe(self, self._follow)
        self._main.heard.subscribe(self, self._hear)
        self._follow(self._main.board)

    def action_main(self, name: str) -> None:
        """Do what the key does on the main screen."""
        if self._main.board.situation.sample is not None:
            getattr(self._main, f"action_{name}")()
            self._show()

    def action_move(self, by: int) -> None:
        """Move the frequency cursor."""
        self._band = min(max((self._band or 0) + by, 0), BANDS - 1)
        self._show()

    def action_worst(self) -> None:
        """Put it where the reconstruction has most more than the original."""
        if self._picture is not None:
            self._band = int(np.argmax(self._picture.average_difference))
            self._show()

    def action_view(self, view: View) -> None:
        """Show that, or both versions again."""
        self._view = "both" if self._view == view else view
        self._show()

    def action_leave(self) -> None:
        """Go back; the sound goes on."""
        self.dismiss()

    def _follow(self, board: Board) -> None:
        sample = board.situation.sample
        if sample is not None and sample != self._sample:
            self._sample = sample
            self._make(sample)
        self._show()

    @work(thread=True, exclusive=True, group="picture", description="making the picture", exit_on_error=False)
    def _make(self, sample: Sample) -> None:
        paths = (sample.original, sample.reconstruction)
        try:
            first, second = (path.stat().st_mtime_ns for path in paths)
            picture = clip_picture(*paths, (first, second))
        except OSError as error:
            self.post_message(Failed(SoundError("No picture", f"{error.filename} cannot be read: {error.strerror}.")))
        except RavetuiError as error:
            self.post_message(Failed(error))
        else:
            self.app.call_from_thread(self._made, sample, picture)

    def _made(self, sample: Sample, picture: ClipPicture) -> None:
        if sample != self._sample:
            return
        self._picture = picture
        if self._band is None:
            self.action_worst()
        self._show()

    def _hear(self, report: PlaybackReport) -> None:
        self._show_sound(report)

    def _show(self) -> None:
        if not self.is_mounted:
            return
        band = self._band or 0
        self.query_one(PicturePane).show(self._picture, self._view, band)
        self._tell("#picture-cursor", self._cursor_words(band))
        self._show_sound(self._main.sound)

    def _show_sound(self, report: PlaybackReport | None) -> None:
        sample = self._sample
        position = None
        if report is not None and report.sounds and sample is not None:
            here = report.path in (sample.original, sample.reconstruction)
            position = report.position_s if here else None
        self.query_one(Ruler).show(self._picture.seconds if self._picture else 0.0, position)
        shown = f"{sample.name} · step {steps(sample.step)}" if sample is not None else ""
        heard = "silent"
        if report is not None and report.sounds:
            about = report.about
            step = f"step {steps(about.step)}" if about.step is not None else "original"
            heard = f"♪ {about.run} {step} · {about.title.removesuffix(' (original)')}"
        self._tell("#picture-head", f"picture of {shown}   {heard}")

    def _tell(self, place: str, words: str) -> None:
        tell(self.query_one(place, Static), Content(words), layout=False)

    def _cursor_words(self, band: int) -> str:
        picture = self._picture
        if picture is None:
            return "making the picture …" if self._sample is not None else "no sample is selected"
        hertz = picture.strongest(band)
        original, reconstruction = (
            float(decibel(version.mel[band].mean())) for version in (picture.original, picture.reconstruction)
        )
        levels = f"original {original:.0f} dB, reconstruction {reconstruction:.0f} dB"
        return f"{hertz:.0f} Hz ({note_name(hertz)}) · {levels}, {reconstruction - original:+.0f} dB"
