"""Several runs over one another: curves, numbers, and what differs between their settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import get_current_worker

from ravetui.app.actions import ACTIONS
from ravetui.app.comparison import MOST, Compared, ComparisonReader
from ravetui.app.panes.charts import ChartsPane
from ravetui.app.panes.compared import ComparedPane
from ravetui.app.panes.comparison_table import ComparisonTable
from ravetui.app.panes.rows import Row, Rows
from ravetui.app.rhythm import Rhythm
from ravetui.app.screens.curve_actions import CurveActions
from ravetui.runs.workspace import Workspace

_CURVE_KEYS = [
    Binding(item.key, item.id, show=False)
    for item in ACTIONS
    if item.where == "curves" and hasattr(CurveActions, f"action_{item.name}")
]


@dataclass
class Read(Message):
    """The chosen runs were read."""

    runs: tuple[Compared, ...]

    def can_replace(self, message: Message) -> bool:
        """Only the newest counts."""
        return isinstance(message, Read)


class Compare(CurveActions, Screen[tuple[str, ...]]):
    """Returns which runs were chosen last, so that they are chosen the next time.

    Args:
        workspace: Whose runs these are.
        names: Every run that can be read, in the order of the list.
        chosen: Those that are compared at first.
    """

    CSS_PATH = "charts.tcss"
    AUTO_FOCUS = "#compared-rows"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        *_CURVE_KEYS,
        Binding("space,enter", "choose", show=False, priority=True),
        Binding("escape,c,q", "leave", show=False),
        Binding("tab", "app.focus_next", show=False),
        Binding("shift+tab", "app.focus_previous", show=False),
    ]
    DEFAULT_CSS = """
    Compare {
        background: $background;
        & > Horizontal { height: 1fr; }
        #compared-list { width: 34; border: solid $line; border-title-color: $phase-1; padding: 0 0 0 1; }
        &.-narrow #compared-list { width: 22; }
        #compared-list:focus-within, #compared-table:focus { border: heavy $line-focus; }
        #compared-table {
            height: 1fr; border: solid $line; border-title-color: $phase-1; background: $background; padding: 0 1;
            border-subtitle-color: $quiet; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1;
            & > .datatable--fixed { background: $background; }
            & > .datatable--header { background: $bar; }
            & > .datatable--cursor { background: $row; color: $foreground; }
            & > .datatable--fixed-cursor { background: $row; color: $foreground; }
        }
        #compare-keys { height: 1; padding: 0 1; color: $quiet; }
    }
    """

    def __init__(self, workspace: Workspace, names: Sequence[str], chosen: Sequence[str]) -> None:
        super().__init__()
        self._workspace = workspace
        self._names = tuple(names)
        self._chosen = tuple(name for name in chosen if name in names)[:MOST]
        self._runs: tuple[Compared, ...] = ()
        self._look_now = Event()
        self._wanted: tuple[tuple[str, ...], str, float] = ((), "", 0.0)

    def compose(self) -> ComposeResult:
        """The list, the chart, the table."""
        settings = self._workspace.config.app
        with Horizontal():
            with Vertical(id="compared-list") as box:
                box.border_title = "compare"
                yield Rows(id="compared-rows")
            with Vertical():
                yield ComparedPane(smoothing=settings.smoothing, log_axis=settings.log_axis, id="compared")
                table = ComparisonTable(id="compared-table")
                table.border_title = "what differs"
                yield table
        yield Static(
            "space choose  ← → curve  h axis  l log  w smooth  + - zoom  , . read  tab pane  esc back",
            id="compare-keys",
            markup=False,
        )

    def on_mount(self) -> None:
        """Begin reading."""
        self.charts.redraw()
        self._show_list()
        self._want()
        self._follow()

    def on_unmount(self) -> None:
        """Let the reading thread go."""
        self.workers.cancel_node(self)
        self._look_now.set()

    @property
    def charts(self) -> ChartsPane:
        """The curves."""
        return self._pane

    @property
    def _pane(self) -> ComparedPane:
        return self.query_one(ComparedPane)

    def show_curves(self) -> None:
        """Read the other curve."""
        self._want()

    def action_choose(self) -> None:
        """Compare the run under the cursor, or no more."""
        name = self.query_one(Rows).selected
        if name is None:
            return
        if name in self._chosen:
            self._chosen = tuple(other for other in self._chosen if other != name)
        elif len(self._chosen) < MOST:
            self._chosen = (*self._chosen, name)
        else:
            self.notify(f"{MOST} runs are compared already: take one out first.", severity="warning", markup=False)
        self._show_list()
        self._want()

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(self._chosen)

    def _want(self) -> None:
        self._wanted = (self._chosen, self._pane.tag, self._pane.smoothing)
        self._look_now.set()

    @work(thread=True, group="compare", description="reading the compared runs", exit_on_error=False)
    def _follow(self) -> None:
        worker = get_current_worker()
        reader = ComparisonReader(self._workspace)
        rhythm = Rhythm(self._workspace.config.app.refresh_seconds, self._look_now)
        last: tuple[Compared, ...] | None = None
        while not worker.is_cancelled:
            self._look_now.clear()
            runs = reader.look(*self._wanted)
            if last is None or len(runs) != len(last) or not all(map(Compared.same_as, runs, last)):
                rhythm.show()
                self.post_message(Read(runs))
                reader.prepare()
            last = runs
            rhythm.rest(lambda: reader.has_stirred, calm=reader.is_calm)

    @on(Read)
    def _read(self, message: Read) -> None:
        if not self.query(ComparedPane):
            return
        self._runs = message.runs
        self._pane.show(self._runs)
        self.query_one(ComparisonTable).show(self._runs)

    def _show_list(self) -> None:
        rows = []
        for name in self._names:
            number = self._chosen.index(name) + 1 if name in self._chosen else 0
            mark = Content.styled(f"{number}", f"$series-{number} bold") if number else Content.styled("·", "$faint")
            rows.append(Row(name, Content.assemble(mark, " ", (name, "bold" if number else "$quiet"))))
        self.query_one(Rows).show(rows)
