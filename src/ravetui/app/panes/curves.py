"""The curves of the selected run."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget

from ravetui.app.along import ALONG
from ravetui.app.chart.chart import Chart
from ravetui.app.chart.series import ChartSeries
from ravetui.app.curves import GROUPS, Curve, CurveGroup
from ravetui.app.panes.pane import Pane
from ravetui.app.snapshot import Curves
from ravetui.app.words import reading_words
from ravetui.runs.history import Series
from ravetui.runs.progress import Progress

SMOOTHINGS = (0.0, 0.6, 0.9, 0.99)
CLOSER, PART = 0.5, 0.25
"""How much narrower a closer look is, and by how much of itself a view moves."""


class FocusChart(Chart, can_focus=True):
    """A chart that the focus can rest on."""


class CurvesPane(Pane):
    """One chart, or two side by side where there is room."""

    HELP = (
        "Training and validation curves against steps. The bright line is smoothed, the dim band behind it has every "
        "single value; validation is measured, so it is points, never smoothed. The vertical line is where phase 2 "
        "began or will begin. ← and → change the curves, l the axis, w the smoothing, h what stands along the bottom: "
        "steps, epochs or hours. + and - look closer and from further away, [ and ] go along, 0 shows everything. "
        "Comma and full stop move a cursor whose values stand on the frame."
    )

    def __init__(self, *, smoothing: float, log_axis: bool, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.group = 0
        self._along = 0
        self._shown: tuple[Curves, Progress] | None = None
        self._run: str | None = None
        self._smoothing = smoothing
        self._log = log_axis

    def compose(self) -> ComposeResult:
        """The first chart is always there, the second at 170 columns and more."""
        settings: dict[str, Any] = {"smoothing": self._smoothing, "log_scale": self._log}
        with Horizontal():
            yield FocusChart(id="chart-1", **settings)
            yield Chart(id="chart-2", **settings)

    @property
    def charts(self) -> list[Chart]:
        """Those that can be seen."""
        return [chart for chart in self.query(Chart) if chart.styles.display != "none"]

    @property
    def target(self) -> Widget:
        """The first chart."""
        return self.query_one(FocusChart)

    @property
    def groups(self) -> list[CurveGroup]:
        """What each visible chart draws."""
        return [GROUPS[(self.group + number) % len(GROUPS)] for number in range(len(self.charts))]

    @property
    def tags(self) -> tuple[str, ...]:
        """The series that have to be read."""
        return tuple(tag for group in self.groups for tag in group.tags)

    def turn(self, by: int) -> None:
        """Show other groups of curves; they are drawn as soon as they have been read."""
        self.group = (self.group + by) % len(GROUPS)

    def show(self, run: str, curves: Curves, progress: Progress) -> None:
        """Draw the curves that have been read of a run, if they are those that are wanted.

        Views and cursor stay while the run does.
        """
        if not set(self.tags) <= set(curves.series):
            return
        if run != self._run:
            self._run = run
            self.show_all()
        self._shown = (curves, progress)
        alone = len(self.charts) == 1
        along = ALONG[self._along]
        for chart, group in zip(self.charts, self.groups, strict=True):
            read = {curve.tag: curves.series[curve.tag] for curve in group.curves}
            places = along.places(read.values(), progress)
            series = [_line(curve, read[curve.tag], places(read[curve.tag])) for curve in group.curves]
            phases = along.phases(read.values(), progress)
            chart.show(series, phases, title="" if alone else group.title, empty=group.empty, axis=along.axis)
        self._frame(self.groups[0].title if alone else "curves", self._note())

    def turn_axis(self) -> str:
        """Put the next thing along the bottom; returns its name."""
        self._along = (self._along + 1) % len(ALONG)
        self.show_all()
        if self._shown is not None and self._run is not None:
            self.show(self._run, *self._shown)
        return ALONG[self._along].axis.name or "step"

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

    def _read(self) -> None:
        """Say on the frame what stands under the cursor."""
        if self._shown is not None:
            self._frame(str(self.border_title), self._note())

    def _note(self) -> str:
        """What the cursor reads, or which of the groups this is."""
        readings = self.query_one(FocusChart).readings()
        if not readings or self._shown is None:
            return f"{self.group + 1} of {len(GROUPS)}"
        curves, progress = self._shown
        of_label = {curve.label: curves.series[curve.tag] for curve in self.groups[0].curves}
        return reading_words(readings, of_label[readings[0].label], progress.steps_per_epoch)

    def clear(self, sentence: str) -> None:
        """Show no curve, but a sentence."""
        for chart in self.charts:
            chart.show([], [], empty=sentence)
            sentence = ""
        self._run = self._shown = None
        self._frame("curves", "")

    def _frame(self, title: str, note: str) -> None:
        if (self.border_title, self.border_subtitle) != (title, note):
            self.border_title, self.border_subtitle = title, note

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


def _line(curve: Curve, series: Series, x: NDArray[np.float64]) -> ChartSeries:
    return ChartSeries(curve.label, x, series.value, curve.role, band=not curve.markers, markers=curve.markers)
