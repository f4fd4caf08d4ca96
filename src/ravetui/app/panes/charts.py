"""A pane whose heart is a chart, and what the keys for charts do to it."""

from typing import Any

from textual.widget import Widget

from ravetui.app.along import ALONG, Along
from ravetui.app.chart.chart import Chart
from ravetui.app.chart.smoothing import SMOOTHINGS
from ravetui.app.curves import CurveGroup
from ravetui.app.panes.pane import Pane
from ravetui.app.panes.scene import ALL_PHASES, Scene, turned
from ravetui.app.words import reading_words


class FocusChart(Chart, can_focus=True):
    """A chart that the focus can rest on."""


class ChartsPane(Pane):
    """A pane with one :class:`FocusChart` and perhaps other charts in it."""

    def __init__(self, *, smoothing: float, log_axis: bool, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._along = 0
        self._smoothing = smoothing
        self._log = log_axis

    @property
    def settings(self) -> dict[str, Any]:
        """What a chart in it begins with."""
        return {"smoothing": self._smoothing, "log_scale": self._log}

    @property
    def smoothing(self) -> float:
        """How far the curves are smoothed just now."""
        return self._smoothing

    @property
    def charts(self) -> list[Chart]:
        """Those that can be seen."""
        return [chart for chart in self.query(Chart) if chart.styles.display != "none"]

    @property
    def target(self) -> Widget:
        """The first chart."""
        return self.query_one(FocusChart)

    @property
    def along(self) -> Along:
        """What stands along the bottom."""
        return ALONG[self._along]

    def turn(self, by: int) -> None:
        """Show other curves, so many further in the list of them."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw the same with another thing along the bottom."""
        raise NotImplementedError

    def note(self) -> str:
        """What the frame says: what the cursor reads, or which curves these are."""
        raise NotImplementedError

    def turn_axis(self) -> None:
        """Put the next thing along the bottom."""
        self._along = (self._along + 1) % len(ALONG)
        self.show_all()
        self.redraw()

    def zoom(self, factor: float) -> None:
        """Look closer, or from further away."""
        for chart in self.charts:
            chart.zoom(factor)

    def pan(self, part: float) -> None:
        """Go along by a part of what is seen."""
        for chart in self.charts:
            chart.pan(part)

    def show_all(self) -> None:
        """Look at everything, without a cursor."""
        for chart in self.query(Chart):
            chart.show_all()
        self._read()

    def move_cursor(self, columns: int) -> None:
        """Move the cursor of the first chart."""
        self.query_one(FocusChart).move_cursor(columns)
        self._read()

    def toggle_log(self) -> bool:
        """Change the axis; True if it is logarithmic now."""
        self._log = not self._log
        for chart in self.query(Chart):
            chart.log_scale = self._log
        return self._log

    def smoother(self) -> float:
        """Take the next smoothing; returns it."""
        later = [value for value in SMOOTHINGS if value > self._smoothing]
        self._smoothing = later[0] if later else SMOOTHINGS[0]
        for chart in self.query(Chart):
            chart.smoothing = self._smoothing
        self._read()
        return self._smoothing

    def _read(self) -> None:
        """Say on the frame what stands under the cursor."""
        self._frame(str(self.border_title or ""), self.note())

    def _frame(self, title: str, note: str) -> None:
        if (self.border_title, self.border_subtitle) != (title, note):
            self.border_title, self.border_subtitle = title, note


class RunChartsPane(ChartsPane):
    """A pane with curves of one run."""

    phase = ALL_PHASES
    """The phase that is looked at."""

    @property
    def scene(self) -> Scene | None:
        """What is drawn; None without a run."""
        raise NotImplementedError

    def adopt(self, other: "RunChartsPane") -> None:
        """Look at the curves as another pane does: smoothing, axes, phase; the view stays where both see the same."""
        self._smoothing, self._log = other._smoothing, other._log
        if (self._along, self.phase) != (other._along, other.phase):
            self._along, self.phase = other._along, other.phase
            self.show_all()
        for chart in self.query(Chart):
            chart.smoothing, chart.log_scale = self._smoothing, self._log
        self.redraw()

    def turn_phase(self) -> None:
        """Look at the next phase alone, and after the last at all of them again."""
        scene = self.scene
        self.phase = turned([ALL_PHASES, *(scene.phases if scene else [])], self.phase, 1)
        self.show_all()
        self.redraw()

    def phase_words(self, title: str) -> str:
        """A title that says which phase is looked at."""
        return title if self.phase == ALL_PHASES else f"{title} · only phase {self.phase}"

    def reading(self, chart: Chart, group: CurveGroup) -> str:
        """What the cursor of a chart reads of a group; empty without one."""
        scene = self.scene
        if scene is None or chart.cursor is None:
            return ""
        readings, read = chart.readings(), scene.read(group)
        of_label = {curve.label: read[curve.tag] for curve in group.curves if curve.tag in read}
        if not readings or readings[0].label not in of_label:
            return ""
        return reading_words(readings, of_label, scene.progress.counted)
