"""The curves of the selected run."""

import numpy as np
from numpy.typing import NDArray
from textual.app import ComposeResult
from textual.containers import Horizontal

from ravetui.app.chart.chart import Chart
from ravetui.app.chart.series import ChartSeries
from ravetui.app.curves import GROUPS, Curve, CurveGroup
from ravetui.app.panes.charts import ChartsPane, FocusChart
from ravetui.app.snapshot import Curves
from ravetui.app.words import reading_words
from ravetui.runs.history import Series
from ravetui.runs.progress import Progress


class CurvesPane(ChartsPane):
    """One chart, or two side by side where there is room."""

    HELP = (
        "Training and validation curves against steps. The bright line is smoothed, the dim band behind it has every "
        "single value; validation is measured, so it is points, never smoothed. The vertical line is where phase 2 "
        "began or will begin. ← and → change the curves, l the axis, w the smoothing, h what stands along the bottom: "
        "steps, epochs or hours. + and - look closer and from further away, [ and ] go along, 0 shows everything. "
        "Comma and full stop move a cursor whose values stand on the frame."
    )

    def __init__(self, *, smoothing: float, log_axis: bool, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(smoothing=smoothing, log_axis=log_axis, id=id)
        self.group = 0
        self._shown: tuple[Curves, Progress] | None = None
        self._run: str | None = None

    def compose(self) -> ComposeResult:
        """The first chart is always there, the second at 170 columns and more."""
        with Horizontal():
            yield FocusChart(id="chart-1", **self.settings)
            yield Chart(id="chart-2", **self.settings)

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
        for chart, group in zip(self.charts, self.groups, strict=True):
            read = {curve.tag: curves.series[curve.tag] for curve in group.curves}
            places = self.along.places(read.values(), progress)
            series = [_line(curve, read[curve.tag], places(read[curve.tag])) for curve in group.curves]
            phases = self.along.phases(read.values(), progress)
            chart.show(series, phases, title="" if alone else group.title, empty=group.empty, axis=self.along.axis)
        self._frame(self.groups[0].title if alone else "curves", self.note())

    def redraw(self) -> None:
        """Draw the same with another thing along the bottom."""
        if self._shown is not None and self._run is not None:
            self.show(self._run, *self._shown)

    def note(self) -> str:
        """What the cursor reads, or which of the groups this is."""
        if self._shown is None:
            return ""
        readings = self.query_one(FocusChart).readings()
        if not readings:
            return f"{self.group + 1} of {len(GROUPS)}"
        curves, progress = self._shown
        of_label = {curve.label: curves.series[curve.tag] for curve in self.groups[0].curves}
        return reading_words(readings, of_label[readings[0].label], progress.counted)

    def clear(self, sentence: str) -> None:
        """Show no curve, but a sentence."""
        for chart in self.charts:
            chart.show([], [], empty=sentence)
            sentence = ""
        self._run = self._shown = None
        self._frame("curves", "")


def _line(curve: Curve, series: Series, x: NDArray[np.float64]) -> ChartSeries:
    return ChartSeries(curve.label, x, series.value, curve.role, band=not curve.markers, markers=curve.markers)
