"""What the selected checkpoint sounds like."""

from textual.app import ComposeResult
from textual.content import Content
from textual.reactive import var

from ravetui.app.panes.columns import spread
from ravetui.app.panes.listing import Listing
from ravetui.app.panes.rows import Row, Rows
from ravetui.app.panes.runs import bar
from ravetui.app.snapshot import Detail
from ravetui.app.sound.report import PlaybackReport
from ravetui.app.words import distance, stars_words
from ravetui.runs.format import clock, steps
from ravetui.runs.ratings import Ratings
from ravetui.runs.samples import Sample

_BAR = 10
_ROOMY = 26
"""Below this width the distance is left out."""


class SamplesPane(Listing):
    """The clips rendered from one checkpoint, each beside its original."""

    HELP = (
        "Validation clips as the checkpoint reconstructs them; the step is in the title. space plays or stops, o "
        "changes between the reconstruction and the original at the same place; all are heard equally loud until t. "
        "1 to 5 rate the selected one and go on. < and >, or the arrows in the checkpoints and runs, take the sound "
        "along to the same clip of another step or run. The number is the spectral distance between the two. Where "
        "the sound goes is said in the top line."
    )

    original: var[bool] = var(False)
    """Whether the original is heard instead of the reconstruction."""
    matched: var[bool] = var(True)
    """Whether clips are heard equally loud."""
    loop: var[bool] = var(False)
    """Whether what is played begins again at its end."""
    automatic: var[bool] = var(False)
    """Whether the newest is played when it comes."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._samples: tuple[Sample, ...] = ()
        self._step: int | None = None
        self._ratings = Ratings()
        self._report: PlaybackReport | None = None

    def compose(self) -> ComposeResult:
        """The list."""
        self.border_title = "samples"
        yield Rows(id="sample-rows")

    @property
    def selected(self) -> Sample | None:
        """The clip under the cursor."""
        key = self.rows.selected
        return None if key is None else self._samples[int(key.partition(" ")[0])]

    def show(self, detail: Detail) -> None:
        """Show the clips of a step; the cursor stays on the clip of the same name."""
        self._samples, self._step, self._ratings = detail.samples, detail.sample_step, detail.ratings
        self._repaint()

    def show_sound(self, report: PlaybackReport) -> None:
        """Show what plays and how far it is."""
        self._report = report
        self._repaint()

    def go_on(self) -> bool:
        """Put the cursor on the next clip; whether there is one."""
        place = self.rows.highlighted
        there = place is not None and place + 1 < len(self._samples)
        if there and place is not None:
            self.rows.highlighted = place + 1
        return there

    def watch_original(self) -> None:
        """Say which of the two is heard."""
        self._say_how()

    def watch_matched(self) -> None:
        """Say how loud."""
        self._say_how()

    def watch_loop(self) -> None:
        """Say that it repeats."""
        self._say_how()

    def watch_automatic(self) -> None:
        """Say that it plays by itself."""
        self._say_how()

    def _say_how(self) -> None:
        if self.is_mounted:
            self._repaint()

    def _repaint(self) -> None:
        width = self.rows.room
        self.rows.show(
            [Row(f"{number} {clip.name}", self._row(number, clip, width)) for number, clip in enumerate(self._samples)]
        )
        title = "samples" if self._step is None else f"samples of step {steps(self._step)}"
        how = {"loop": self.loop, "auto-play": self.automatic, "true level": not self.matched}
        note = ", ".join(["original" if self.original else "reconstruction", *(word for word, on in how.items() if on)])
        note = note if self._samples else "they come with each validation"
        if (self.border_title, self.border_subtitle) != (title, note):
            self.border_title, self.border_subtitle = title, note

    def _row(self, number: int, clip: Sample, width: int) -> Content:
        left = f"{number + 1:02d} {clip.name}"
        report = self._report
        if report is not None and report.state == "playing" and report.path in (clip.reconstruction, clip.original):
            which = "orig" if report.path == clip.original else "recon"
            done = report.position_s / report.duration_s if report.duration_s else 0.0
            times = f" {clock(report.position_s)}/{clock(report.duration_s)}"
            drawn = Content.assemble(" ", bar(done, _BAR, "$sound")) if width >= _ROOMY + 2 * _BAR else ""
            right = Content.assemble((which, "$sound"), drawn, (times, "$quiet"))
            return spread(Content.assemble(("♪ ", "$sound"), left), right, width)
        told = f"{distance(clip.distance)}  " if width >= _ROOMY else ""
        stars = self._ratings.stars(clip.step, clip.name)
        rated = "" if stars is None else f"{stars_words(stars)}  " if width >= _ROOMY else f"{stars}★ "
        right = Content.assemble((rated, "$sound"), (told + clock(clip.seconds), "$quiet"))
        return spread(Content.assemble("  ", left), right, width)
