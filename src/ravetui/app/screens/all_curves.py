"""All curves of the selected run as small multiples."""

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from ravetui.app import deeds
from ravetui.app.actions import ACTIONS
from ravetui.app.arrangement import Arrangement, arrangement_of, unknown_words
from ravetui.app.curves import GROUPS
from ravetui.app.messages import Wanted
from ravetui.app.panes.board import Board
from ravetui.app.panes.grid import GridPane
from ravetui.app.panes.telling import tell
from ravetui.app.screens.run_curve_actions import RunCurveActions
from ravetui.runs.workspace import Workspace

_KEYS = (
    "enter big",
    "space hide",
    "k pin",
    "< > move",
    "a hidden",
    "j phase",
    "l log",
    "w smooth",
    "h axis",
    ", . read",
)
_ALWAYS = ("? help", "esc back")
_TITLES = [group.title for group in GROUPS]
_OWN = ("previous_curves", "next_curves", "all_curves")
"""Actions whose keys mean something else among small charts."""
_CURVE_KEYS = [(item.key, item.id) for item in ACTIONS if item.where == "curves" and item.name not in _OWN]

ONE_PAINT = 0.05
"""So long a change of the whole screen gathers, seconds: a slow line carries one screen, not each on the way to it."""


class AllCurves(RunCurveActions, Screen[None]):
    """Shows what the board behind it reads, and has it read the curves that are in sight.

    Args:
        workspace: What remembers the arrangement.
        board: Whose selected run this is about.
    """

    CSS_PATH = "charts.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(item.key, item.id, show=False)
            for item in ACTIONS
            if item.where == "curves" and item.name not in _OWN
        ),
        Binding("left", "go(-1)", show=False),
        Binding("right,tab", "go(1)", show=False),
        Binding("shift+tab", "go(-1)", show=False),
        Binding("up", "go_row(-1)", show=False),
        Binding("down", "go_row(1)", show=False),
        Binding("pageup", "go_page(-1)", show=False),
        Binding("pagedown", "go_page(1)", show=False),
        Binding("home", "go_to_end(False)", show=False),
        Binding("end", "go_to_end(True)", show=False),
        Binding("enter", "enlarge", show=False),
        Binding("space", "hide", show=False),
        Binding("a", "with_hidden", show=False),
        Binding("k", "pin", show=False),
        Binding("less_than_sign,shift+left", "move(-1)", show=False),
        Binding("greater_than_sign,shift+right", "move(1)", show=False),
        Binding("question_mark", "help", show=False),
        Binding("escape,g,q", "leave", show=False),
    ]
    DEFAULT_CSS = """
    AllCurves {
        background: $background;
        & > Static { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
        #grid-head { background: $bar; }
        #grid-keys { color: $quiet; background: $bar; }
    }
    """

    def __init__(self, workspace: Workspace, board: Board) -> None:
        super().__init__()
        self._file = arrangement_of(workspace.root)
        self._board = board
        self._said = ""

    def compose(self) -> ComposeResult:
        """A line about the run, the charts, a line of keys."""
        yield Static(id="grid-head", markup=False)
        yield GridPane(smoothing=0.0, log_axis=False, id="grid")
        yield Static(id="grid-keys", markup=False)

    def on_mount(self) -> None:
        """Follow the board."""
        self._show(self._board)
        self.charts.go_to(self._board.curves.groups[0])
        self.charts.adopt(self._board.curves)
        self._board.shown.subscribe(self, self._show)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._show(self._board)
        self.charts.target.focus()

    def on_unmount(self) -> None:
        """The board goes on with what it shows itself."""
        self._board.look_also(())

    @property
    def charts(self) -> GridPane:
        """The small charts."""
        return self.query_one(GridPane)

    def show_curves(self) -> None:
        """Have the series in sight read; they are drawn as soon as they have been."""
        self._board.look_also(self.charts.tags)

    def action_go(self, by: int) -> None:
        """Go to another chart."""
        self.charts.turn(by)

    def action_go_row(self, by: int) -> None:
        """Go to the chart above or below."""
        self.charts.turn_row(by)

    def action_go_page(self, by: int) -> None:
        """Go to another page."""
        self.charts.turn_page(by)

    def action_go_to_end(self, last: bool) -> None:
        """Go to the first chart or the last."""
        self.charts.go_to_end(last=last)

    def action_enlarge(self) -> None:
        """Show one chart as large as the terminal, or all again."""
        self.app.delay_update(ONE_PAINT)
        self.charts.enlarge(not self.charts.big)

    def action_with_hidden(self) -> None:
        """Show hidden charts too, or no more."""
        self.charts.with_hidden = not self.charts.with_hidden
        self.charts.fit()

    def action_hide(self) -> None:
        """Hide the chart under the cursor, or show it again."""
        title, known = self.charts.here.title, self._board.charts.arrangement
        if title not in known.hidden and known.shown(self.charts.titles) == [title]:
            self.notify("This is the last chart: one stays.", severity="warning", markup=False)
            return
        self._change(partial(Arrangement.with_hidden, title=title))

    def action_pin(self) -> None:
        """Pin the chart under the cursor to the front, or let it go."""
        self._change(partial(Arrangement.with_pin, title=self.charts.here.title))

    def action_move(self, by: int) -> None:
        """Move the chart under the cursor."""
        title, seen = self.charts.here.title, [group.title for group in self.charts.walk]
        titles = self.charts.titles

        def moved(before: Arrangement) -> Arrangement:
            return before.with_moved(titles, title, by, [one for one in before.of(titles) if one in seen])

        self._change(moved)

    def action_help(self) -> None:
        """Explain this screen, and every key."""
        from ravetui.app.screens.help import Help

        self.app.push_screen(Help("curves", GridPane.HELP))

    def action_leave(self) -> None:
        """From one large chart to all, and from all to the main screen."""
        self.app.delay_update(ONE_PAINT)
        if self.charts.big:
            self.charts.enlarge(False)
        else:
            self._board.curves.adopt(self.charts)
            self.dismiss()

    def _change(self, change: deeds.Change) -> None:
        self.post_message(Wanted(partial(deeds.arrange, self._file, change)))

    def _show(self, board: Board) -> None:
        """Draw what the board has got."""
        if not self.query(GridPane):
            return
        if (words := unknown_words(board.charts, [*_TITLES, *self.charts.titles])) != self._said:
            self._said = words
            if words:
                self.notify(words, severity="warning", markup=False)
        self.charts.put_in_order(board.charts.arrangement)
        row, detail = board.selected, board.detail
        if row is not None and row.summary is not None and detail is not None:
            self.charts.show(detail.run, detail.curves, row.summary.progress)

    def on_resize(self) -> None:
        """As many keys as there is room for."""
        told = list(_KEYS)
        while len("  ".join([*told, *_ALWAYS])) > self.size.width - 2 and told:
            told.pop()
        self.query_one("#grid-keys", Static).update("  ".join([*told, *_ALWAYS]))

    @on(GridPane.Turned)
    def _turned(self) -> None:
        if not self.query(GridPane):
            return
        self.show_curves()
        self._head()

    def _head(self) -> None:
        charts, row = self.charts, self._board.selected
        page, pages = charts.pages
        name = row.name if row else ""
        where = charts.note() or charts.phase_words("all curves")
        count = f"{charts.place + 1} of {len(charts.walk)}" if charts.big else f"page {page} of {pages}"
        hidden = len(self._board.charts.arrangement.hidden & set(self.charts.titles))
        told = [where, count if pages > 1 else "", f"{hidden} hidden" if hidden else "", row.fault if row else ""]
        line = Content.assemble((name, "$number bold"), (" · " + " · ".join(word for word in told if word), "$quiet"))
        tell(self.query_one("#grid-head", Static), line, layout=False)
