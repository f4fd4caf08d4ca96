"""The curves of the selected run."""

from textual.app import ComposeResult
from textual.containers import Horizontal

from ravetui.app.arrangement import Arrangement
from ravetui.app.chart.chart import Chart
from ravetui.app.curves import CurveGroup
from ravetui.app.judged import is_judged
from ravetui.app.panes.charts import FocusChart, RunChartsPane
from ravetui.app.panes.scene import ALL_PHASES, Scene, turned, walk_of
from ravetui.app.snapshot import Curves
from ravetui.runs.progress import Progress


class CurvesPane(RunChartsPane):
    """One chart, or two side by side where there is room."""

    HELP = (
        "Training and validation curves against steps. The bright line is smoothed, the dim band behind it has every "
        "single value; validation is measured, so it is points, never smoothed; a score is a point on the bar of its "
        "interval. The dotted line is where phase 2 began or will begin; a double line is there where one scale would "
        "make one of the phases flat: then each phase has its own, at its left. j looks at one phase alone. "
        "← and → change the curves, g shows all of them, l the axis, w the smoothing, h what stands along the bottom: "
        "steps, epochs or hours. + and - look closer and from further away, [ and ] go along, 0 shows everything. "
        "Comma and full stop move a cursor whose values stand on the frame; the best is that of its phase."
    )

    def __init__(self, *, smoothing: float, log_axis: bool, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(smoothing=smoothing, log_axis=log_axis, id=id)
        self._arrangement = Arrangement()
        self._title = ""
        """Of the first chart; empty until the person has chosen one: then it is the first there is."""
        self._place = 0
        self._shown: tuple[Curves, Progress] | None = None
        self._run: str | None = None

    def compose(self) -> ComposeResult:
        """The first chart is always there, the second at 170 columns and more."""
        with Horizontal():
            yield FocusChart(id="chart-1", **self.settings)
            yield Chart(id="chart-2", **self.settings)

    @property
    def walk(self) -> list[CurveGroup]:
        """The groups that can be shown, in order."""
        return walk_of(self._arrangement, self._shown[0] if self._shown else Curves(), self.phase)

    @property
    def groups(self) -> list[CurveGroup]:
        """What each visible chart draws."""
        walk = self.walk
        place = next((number for number, group in enumerate(walk) if group.title == self._title), None)
        if place is None:
            # One that was hidden makes room for the one that followed it.
            place = min(self._place, len(walk) - 1)
            self._title = walk[place].title if self._title else ""
        self._place = place
        return [walk[(place + number) % len(walk)] for number in range(len(self.charts))]

    @property
    def tags(self) -> tuple[str, ...]:
        """The series that have to be read."""
        return tuple(dict.fromkeys(tag for group in self.groups for tag in group.tags if not is_judged(tag)))

    @property
    def scene(self) -> Scene | None:
        """What is drawn; None without a run."""
        return None if self._shown is None else Scene(*self._shown, self.along, self.phase)

    def put_in_order(self, arrangement: Arrangement) -> None:
        """Take the order that the person chose; it is drawn with what is read next."""
        self._arrangement = arrangement

    def turn(self, by: int) -> None:
        """Show other groups of curves; they are drawn as soon as they have been read."""
        self._title = turned(self.walk, self.groups[0], by).title

    def show(self, run: str, curves: Curves, progress: Progress) -> None:
        """Draw the curves that have been read of a run, if they are those that are wanted.

        Views and cursor stay while the run does.
        """
        if run != self._run:
            self._run, self.phase = run, ALL_PHASES
            self.show_all()
        self._shown = (curves, progress)
        if set(self.tags) <= set(curves.series):
            self.redraw()

    def redraw(self) -> None:
        """Draw what was read."""
        scene, alone = self.scene, len(self.charts) == 1
        if scene is None or not set(self.tags) <= set(scene.curves.series):
            return
        for chart, group in zip(self.charts, self.groups, strict=True):
            scene.show(chart, group, title="" if alone else group.title)
        self._frame(self.phase_words(self.groups[0].title if alone else "curves"), self.note())

    def note(self) -> str:
        """What the cursor reads, or which of the groups this is."""
        if self.scene is None:
            return ""
        return self.reading(self.query_one(FocusChart), self.groups[0]) or f"{self._place + 1} of {len(self.walk)}"

    def clear(self, sentence: str) -> None:
        """Show no curve, but a sentence."""
        for chart in self.charts:
            chart.show([], [], empty=sentence)
            sentence = ""
        self._run = self._shown = None
        self._frame("curves", "")
