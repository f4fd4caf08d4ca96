"""One curve of several runs over one another."""

from collections.abc import Sequence

from textual.app import ComposeResult

from ravetui.app.chart.series import ChartSeries, PhaseLine
from ravetui.app.comparison import Compared
from ravetui.app.curves import GROUPS, Curve
from ravetui.app.panes.charts import ChartsPane, FocusChart
from ravetui.app.words import distance
from ravetui.runs.format import steps

CURVES: tuple[Curve, ...] = tuple(curve for group in GROUPS if not group.is_judged for curve in group.curves)
"""Every curve of the journals, in the usual order."""


class ComparedPane(ChartsPane):
    """The same tag of every chosen run, each run in a colour of its own."""

    def __init__(self, *, smoothing: float, log_axis: bool, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(smoothing=smoothing, log_axis=log_axis, id=id)
        self._number = 0
        self._curves = CURVES
        self._shown: tuple[Compared, ...] = ()
        self._lines: tuple[ChartSeries, ...] = ()

    def compose(self) -> ComposeResult:
        """One chart."""
        yield FocusChart(id="compared-chart", **self.settings)

    @property
    def tag(self) -> str:
        """What is compared."""
        return self._curves[self._number].tag

    def turn(self, by: int) -> None:
        """Compare another curve; it is drawn as soon as it has been read."""
        self._number = (self._number + by) % len(self._curves)

    def show(self, runs: Sequence[Compared]) -> None:
        """Draw what was read, if it is what is wanted."""
        if any(run.series.tag != self.tag for run in runs):
            return
        known = {curve.tag for curve in CURVES}
        others = dict.fromkeys(tag for run in runs for tag in run.tags if tag not in known)
        if self.tag in known or self.tag in others:
            # What is compared keeps its place: own curves come first.
            self._curves = (*CURVES, *(Curve(tag, tag, "loss-train") for tag in others))
        self._shown = tuple(runs)
        self.redraw()

    def redraw(self) -> None:
        """Draw the curves; runs begin together, whatever stands along the bottom."""
        lines: list[ChartSeries] = []
        phases: list[PhaseLine] = []
        for number, run in enumerate(self._shown, 1):
            role, progress = f"run-{number}", run.summary.progress
            x = self.along.places([run.series], progress)(run.series)
            markers = self._curves[self._number].markers
            lines.append(ChartSeries(run.summary.name, x, run.series.values, role, band=False, markers=markers))
            begun = [change for change in progress.transitions if change.phase > 1]
            if begun:
                drawn = self.along.phases([run.series], progress)
                phases += [PhaseLine(line.x, line.label, role) for line in drawn]
        self._lines = tuple(lines)
        empty = "none of these runs has this curve yet" if self._shown else "space in the list chooses runs to compare"
        self.query_one(FocusChart).show(lines, phases, empty=empty, axis=self.along.axis)
        self._frame(self.tag, self.note())

    def note(self) -> str:
        """What the cursor reads of each run that got so far, or which of the curves this is."""
        chart = self.query_one(FocusChart)
        if chart.cursor is None:
            return f"{self._number + 1} of {len(self._curves)}"
        axis = self.along.axis
        where = f"step {steps(round(chart.cursor))}" if axis.whole else f"{axis.name} {chart.cursor:.2f}"
        there = {line.label for line in self._lines if line.places.size and line.places[-1] >= chart.cursor}
        values = [
            f"{reading.label} {distance(reading.raw if reading.smoothed is None else reading.smoothed)}"
            for reading in chart.readings()
            if reading.label in there
        ]
        return " · ".join([where, *values])
