"""The clips that a distance comes from, each one key away from being heard."""

from pathlib import Path

from textual.app import ComposeResult
from textual.content import Content

from ravetui.app.panes.columns import spread
from ravetui.app.panes.listing import Listing
from ravetui.app.panes.rows import Row, Rows
from ravetui.app.score_page import Driver, ScorePage
from ravetui.app.sound.report import PlaybackReport


class DriversPane(Listing):
    """A list, worst first; reference clips that the checkpoint lacks come last."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._drivers: tuple[Driver, ...] = ()
        self._report: PlaybackReport | None = None
        self.original = False
        """Whether the original is heard instead of the reconstruction."""

    def compose(self) -> ComposeResult:
        """The list."""
        self.border_title = "what drives KID"
        yield Rows(id="driver-rows")

    @property
    def selected(self) -> Driver | None:
        """The clip under the cursor."""
        key = self.rows.selected
        return None if key is None else self._drivers[int(key.partition(" ")[0])]

    def file(self, driver: Driver) -> Path:
        """What is to be heard of a clip."""
        return driver.original if self.original and driver.original is not None else driver.path

    def plays(self, driver: Driver) -> bool:
        """Whether this clip is heard just now."""
        report = self._report
        return report is not None and report.state == "playing" and report.path in (driver.path, driver.original)

    def show(self, page: ScorePage) -> None:
        """Show the clips of a score."""
        self._drivers = page.drivers
        self.repaint()

    def show_sound(self, report: PlaybackReport) -> None:
        """Show what plays."""
        self._report = report
        self.repaint()

    def repaint(self) -> None:
        """Show the rows and which version is heard."""
        width = self.rows.room
        rows = [Row(f"{number} {one.name}", self._row(one, width)) for number, one in enumerate(self._drivers)]
        self.rows.show(rows)
        note = "original" if self.original else "reconstruction"
        self.border_subtitle = note if rows else "this score kept none"

    def _row(self, driver: Driver, width: int) -> Content:
        kind = "lacks " if driver.original is None else "makes "
        sign = ("♪ ", "$sound") if self.plays(driver) else ("  ", "")
        minutes, seconds = divmod(driver.start + driver.at, 60)
        right = f"{driver.share:+.1f}".replace("-", "−") + f"  {int(minutes)}:{seconds:04.1f}"
        return spread(Content.assemble(sign, (kind, "$quiet"), driver.name), Content.styled(right, "$quiet"), width)
