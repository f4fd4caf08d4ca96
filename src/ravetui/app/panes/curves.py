"""The curves of the selected run."""

from typing import Any

import numpy as np
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widget import Widget

from ravetui.app.chart.chart import Chart
from ravetui.app.chart.series import ChartSeries, PhaseLine
from ravetui.app.curves import GROUPS, Curve, CurveGroup
from ravetui.app.panes.pane import Pane
from ravetui.app.snapshot import Curves
from ravetui.runs.progress import Progress

SMOOTHINGS = (0.0, 0.6, 0.9, 0.99)


class FocusChart(Chart, can_focus=True):
    """A chart that the focus can rest on."""


class CurvesPane(Pane):
    """One chart, or two side by side where there is room."""

    HELP = (
        "Training and validation curves against steps. The bright line is smoothed, the dim band behind it has every "
        "single value; validation is measured, so it is points, never smoothed. The vertical line is where phase 2 "
        "began or will begin. ← and → change the curves, l the axis, w the smoothing."
    )

    def __init__(self, *, smoothing: float, log_axis: bool, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self.group = 0
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

    def show(self, curves: Curves, progress: Progress) -> None:
        """Draw the curves that have been read, if they are those that are wanted."""
        if not set(self.tags) <= set(curves.series):
            return
        alone = len(self.charts) == 1
        for chart, group in zip(self.charts, self.groups, strict=True):
            series = [_line(curve, curves) for curve in group.curves]
            chart.show(series, _phases(progress), title="" if alone else group.title, empty=group.empty)
        self._frame(self.groups[0].title if alone else "curves", f"{self.group + 1} of {len(GROUPS)}")

    def clear(self, sentence: str) -> None:
        """Show no curve, but a sentence."""
        for chart in self.charts:
            chart.show([], [], empty=sentence)
            sentence = ""
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
        return self._smoothing


def _line(curve: Curve, curves: Curves) -> ChartSeries:
    series = curves.series[curve.tag]
    x = series.step.astype(np.float64)
    return ChartSeries(curve.label, x, series.value, curve.role, band=not curve.markers, markers=curve.markers)


def _phases(progress: Progress) -> list[PhaseLine]:
    began = [PhaseLine(float(item.step), f"phase {item.phase}") for item in progress.transitions if item.phase > 1]
    if began or progress.phase_end_step >= progress.total_steps:
        return began
    return [PhaseLine(float(progress.phase_end_step), "phase 2")]
