"""Every series of a run as a small chart, as many at a time as the terminal has room for."""

import math
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Grid
from textual.events import Click
from textual.message import Message
from textual.widget import Widget

from ravetui.app.arrangement import Arrangement
from ravetui.app.chart.chart import Chart
from ravetui.app.curves import GROUPS, CurveGroup, groups_of
from ravetui.app.judged import is_judged
from ravetui.app.panes.charts import RunChartsPane
from ravetui.app.panes.scene import ALL_PHASES, Scene, all_of, walk_of
from ravetui.app.snapshot import Curves
from ravetui.app.words import distance
from ravetui.runs.progress import Progress

CELL = (36, 10)
"""The smallest chart with its frame, cells across and down: two by two at 80 × 24."""
_SHAPE = (60, 14)
"""The best proportions of one."""


class SmallChart(Chart):
    """One chart of the grid, in a frame with its name and its last values."""

    def on_click(self, event: Click) -> None:
        """Choose it, as the arrow keys do."""
        self.post_message(GridPane.Clicked(self))


class GridPane(RunChartsPane, can_focus=True):
    """Small charts on one horizontal axis; one of them is under the cursor, and may fill the pane.

    The focus stays on the whole: were it to go along with the cursor, each key would have all charts painted anew.
    """

    HELP = (
        "Every series of the run, one beside the other, all on the same horizontal axis. Arrow keys go from chart to "
        "chart, page up and page down from page to page; enter shows the chart under the cursor as large as the "
        "terminal, and all again. space hides it, a shows hidden ones too, so that space can bring them back; k pins "
        "it to the front (▲), < and > move it. The workspace remembers. All keys for curves are as on the main "
        "screen: l log axis, w smoothing, h steps, epochs or hours, j one phase, + - [ ] 0 zoom, comma and full stop "
        "move a cursor through all charts at once."
    )
    DEFAULT_CSS = """
    GridPane {
        border: none; padding: 0;
        &:focus, &:focus-within { border: none; }
        & > Grid { grid-size: 2 2; grid-gutter: 0; height: 1fr; }
        SmallChart { border: round $line; border-title-color: $phase-1; border-subtitle-color: $quiet; }
        SmallChart.-here { border: heavy $line-focus; border-title-style: bold; border-subtitle-color: $number; }
        SmallChart.-hidden { border: dashed $line; border-title-color: $faint; }
    }
    """

    class Turned(Message):
        """Other charts are in sight, or another one is under the cursor."""

    class Clicked(Message):
        """A chart was clicked."""

        def __init__(self, chart: SmallChart) -> None:
            super().__init__()
            self.chart = chart

    def __init__(self, *, smoothing: float, log_axis: bool, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(smoothing=smoothing, log_axis=log_axis, id=id)
        self.big = False
        """Whether one chart fills the pane."""
        self.with_hidden = False
        """Whether hidden charts are in it too."""
        self._arrangement = Arrangement()
        self._title = ""
        self._place = 0
        self._shape = (1, 1)
        self._room = (0, 0)
        self._shown: tuple[Curves, Progress] | None = None
        self._run = ""

    def compose(self) -> ComposeResult:
        """As many charts as the terminal has room for, so that the first picture is whole."""
        width, height = self.app.size
        columns, rows = shape_for(len(GROUPS), width, height - 2)
        self._room = (width, height - 2)
        with Grid():
            for _ in range(columns * rows):
                yield SmallChart(**self.settings)

    @property
    def scene(self) -> Scene | None:
        """What is drawn; None without a run."""
        return None if self._shown is None else Scene(*self._shown, self.along, self.phase)

    @property
    def walk(self) -> list[CurveGroup]:
        """All groups that are shown, in order."""
        curves = self._shown[0] if self._shown else Curves()
        return all_of(self._arrangement, curves) if self.with_hidden else walk_of(self._arrangement, curves, self.phase)

    @property
    def titles(self) -> list[str]:
        """Of every group that the run has, in their usual order."""
        return [group.title for group in groups_of(self._shown[0].tags if self._shown else None)]

    @property
    def here(self) -> CurveGroup:
        """The group under the cursor."""
        return self.walk[self.place]

    @property
    def place(self) -> int:
        """Where in the walk the cursor is; one that has gone leaves it where it was."""
        walk = self.walk
        found = next((number for number, group in enumerate(walk) if group.title == self._title), None)
        self._place = min(self._place, len(walk) - 1) if found is None else found
        self._title = walk[self._place].title
        return self._place

    @property
    def page(self) -> list[CurveGroup]:
        """The groups in sight."""
        size = self._a_page
        first = self.place // size * size
        return self.walk[first : first + size]

    @property
    def pages(self) -> tuple[int, int]:
        """Which page this is, from 1, and of how many."""
        return self.place // self._a_page + 1, -(-len(self.walk) // self._a_page)

    @property
    def tags(self) -> tuple[str, ...]:
        """The series that have to be read."""
        return tuple(dict.fromkeys(tag for group in self.page for tag in group.tags if not is_judged(tag)))

    @property
    def target(self) -> Widget:
        """All charts together."""
        return self

    def put_in_order(self, arrangement: Arrangement) -> None:
        """Take the order that the person chose."""
        self._arrangement = arrangement

    def go_to(self, group: CurveGroup) -> None:
        """Put the cursor on a chart."""
        self._title = group.title

    def turn(self, by: int) -> None:
        """Go to a chart so many further; not beyond the first and the last."""
        self._go(self.place + by)

    def turn_row(self, by: int) -> None:
        """Go a row of charts further down."""
        self._go(self.place + by * (1 if self.big else self._shape[0]))

    def turn_page(self, by: int) -> None:
        """Go a page further."""
        self._go(self.place + by * self._a_page)

    def go_to_end(self, *, last: bool) -> None:
        """Go to the first chart or to the last."""
        self._go(len(self.walk) - 1 if last else 0)

    def enlarge(self, big: bool) -> None:
        """Let the chart under the cursor fill the pane, or no more."""
        self.big = big
        self.fit()

    def show(self, run: str, curves: Curves, progress: Progress) -> None:
        """Draw what has been read of a run."""
        if run != self._run:
            self._run, self.phase = run, ALL_PHASES
            self.show_all()
        self._shown = (curves, progress)
        self.fit()

    def redraw(self) -> None:
        """Draw what was read, as far as it is what is wanted."""
        scene = self.scene
        if scene is None:
            return
        for chart, group in zip(self._charts, self.page, strict=False):
            if set(group.tags) <= set(scene.curves.series) or group.is_judged:
                scene.show(chart, group)
            self._label(chart, group, scene)

    def note(self) -> str:
        """What the cursor reads of the chart it is in."""
        return self.reading(self._charts[self.place % self._a_page], self.here)

    def move_cursor(self, columns: int) -> None:
        """Move the cursor of all charts to where it goes in the chosen one."""
        here = self._charts[self.place % self._a_page]
        here.move_cursor(columns)
        for chart in self.charts:
            chart.put_cursor(here.cursor)
        self._read()

    def fit(self) -> None:
        """Have as many charts as there is room for, and draw them."""
        self._shape = (1, 1) if self.big else shape_for(len(self.walk), *self._room)
        grid, count = self.query_one(Grid), self._a_page
        if (missing := count - len(self._charts)) > 0:
            first, view = self._charts[0], self._charts[0].sight
            more = [SmallChart(**self.settings) for _ in range(missing)]
            for chart in more:
                chart.sight = view
                chart.put_cursor(first.cursor)
            grid.mount_all(more)
        grid.styles.grid_size_columns, grid.styles.grid_size_rows = self._shape
        self._mark()
        self.redraw()
        self._read()

    def on_resize(self) -> None:
        """Another size has room for more or fewer."""
        self._room = (self.size.width, self.size.height)
        self.fit()

    def on_grid_pane_clicked(self, event: Clicked) -> None:
        """Go where the mouse points."""
        event.stop()
        self._go(self.place // self._a_page * self._a_page + self._charts.index(event.chart))

    def _read(self) -> None:
        """What is under the cursor is said by the screen."""
        self.post_message(self.Turned())

    @property
    def _charts(self) -> list[SmallChart]:
        return list(self.query(SmallChart))

    @property
    def _a_page(self) -> int:
        return self._shape[0] * self._shape[1]

    def _go(self, place: int) -> None:
        before, walk = self.page, self.walk
        self._place = min(max(place, 0), len(walk) - 1)
        self._title = walk[self._place].title
        self._mark()
        if self.page != before:
            self.redraw()
        self._read()

    def _mark(self) -> None:
        """Frame the chart under the cursor, and leave no chart without a group."""
        page, here = self.page, self.place % self._a_page
        for number, chart in enumerate(self._charts):
            chart.display = number < len(page)
            chart.set_class(number == here, "-here")

    def _label(self, chart: Chart, group: CurveGroup, scene: Scene) -> None:
        hidden = group.title in self._arrangement.hidden
        pin = "▲ " if group.title in self._arrangement.pinned else ""
        title = f"{pin}{'hidden: ' if hidden else ''}{group.title}"
        chart.set_class(hidden, "-hidden")
        last = _last_words(scene, group)
        if (chart.border_title, chart.border_subtitle) != (title, last):
            chart.border_title, chart.border_subtitle = title, last


def shape_for(count: int, width: int, height: int) -> tuple[int, int]:
    """Columns and rows of the grid: a page that holds all charts if it can, in cells of good proportions.

    Args:
        count: How many charts there are.
        width: Cells across.
        height: Cells down.
    """
    most = max(width // CELL[0], 1), max(height // CELL[1], 1)
    if count > most[0] * most[1]:
        return most
    found = [(columns, -(-count // columns)) for columns in range(1, most[0] + 1) if -(-count // columns) <= most[1]]
    return max(found, key=lambda shape: min(width / shape[0] / _SHAPE[0], height / shape[1] / _SHAPE[1]))


def _last_words(scene: Scene, group: CurveGroup) -> str:
    """The newest value of each of its curves, as they are."""
    drawn = [line for line in scene.lines(group) if line.values.size]
    lines: Sequence[tuple[str, float]] = [(line.label, float(line.values.array[-1])) for line in drawn]
    if len(lines) == 1:
        return distance(lines[0][1])
    return " · ".join(f"{label} {distance(value) if math.isfinite(value) else value}" for label, value in lines)
