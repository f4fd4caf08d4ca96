"""The runs of the workspace: state, phase, progress, ETA."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input

from ravetui.app.panes.columns import cut, spread
from ravetui.app.panes.listing import Listing
from ravetui.app.panes.rows import Row, Rows
from ravetui.app.run_filter import LANGUAGE, RunFilter, parse_filter
from ravetui.app.snapshot import RunRow, Snapshot
from ravetui.app.words import DAMAGED_GLYPH, glyph_of, percent, phase_fraction, short_duration
from ravetui.runs.format import steps
from ravetui.runs.run_state import RunState

if TYPE_CHECKING:
    from ravetui.runs.summary import RunSummary

BARS_FROM = 30
"""From so many rows on, a run that trains has a line for its progress."""


class RunsPane(Listing):
    """The list of runs; its cursor decides what the other panes show."""

    HELP = (
        "Every run of the workspace. ● trains, ▲ trains without its supervisor, ◑ is stopping, ◐ waits in the queue, "
        "○ was never started, ■ was stopped, ✓ is finished, ✗ failed, ? was lost, ! has a damaged "
        "folder; of another program's runs, ▷ is being written and □ is quiet. Beside a run "
        "that trains: its phase, how much of that phase is done, and when that phase ends, or that it stands still. "
        "/ looks for runs while one types, enter goes to them, esc shows all again. " + LANGUAGE
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "show_all", show=False),
        Binding("down,up", "to_list", show=False),
    ]
    DEFAULT_CSS = """
    RunsPane #run-filter { display: none; background: $bar; }
    RunsPane.-filtering #run-filter { display: block; }
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._filter = RunFilter()
        self._snapshot = Snapshot()
        self._bars = True
        self._known: dict[str, tuple[RunRow, int, bool, Row]] = {}

    def compose(self) -> ComposeResult:
        """The list, and a line to look for runs in while it is wanted."""
        self.border_title = "runs"
        yield Input(id="run-filter", compact=True, placeholder="name state:live note:word", select_on_focus=False)
        yield Rows(id="run-rows")

    def edit_filter(self) -> None:
        """Let words be typed that the runs must fit."""
        self.add_class("-filtering")
        self._line.focus()

    def action_show_all(self) -> None:
        """Show every run again; the cursor stays on its run."""
        self._line.value = ""
        self.action_to_list()

    def action_to_list(self) -> None:
        """Go to the runs that fit."""
        self.rows.focus()
        self.remove_class("-filtering")

    @property
    def shown(self) -> tuple[str, ...]:
        """Names of the runs that fit the filter, in order."""
        return tuple(row.name for row in self._snapshot.runs if self._filter.shows(row))

    @property
    def _line(self) -> Input:
        return self.query_one(Input)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._filter = parse_filter(event.value)
        self.show(self._snapshot, bars=self._bars)
        self.post_message(Rows.Moved(self.rows))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_to_list()

    @property
    def selected(self) -> str | None:
        """Name of the run under the cursor."""
        return self.rows.selected

    def show(self, snapshot: Snapshot, *, select: str | None = None, bars: bool = True) -> None:
        """Show the runs.

        Args:
            select: Put the cursor on this run.
            bars: Give a run that trains a second line with its progress.
        """
        self._snapshot, self._bars = snapshot, bars
        if select is not None and select not in self.shown:
            # What the person has just made is seen, whatever was looked for before.
            self._filter, self._line.value = RunFilter(), ""
        width = self.rows.room
        shown = [row for row in snapshot.runs if self._filter.shows(row)]
        rows = [self._made(row, width, bars=bars) for row in shown]
        self._known = {row.name: (row, width, bars, made) for row, made in zip(shown, rows, strict=True)}
        self.rows.show(rows, select=select)
        words, total = self._filter.text.strip(), len(snapshot.runs)
        title = f"runs /{words}" if words else "runs"
        count = self._filter.fault or (f"{len(rows)} of {total}" if self._filter.terms else str(total) if total else "")
        if (self.border_title, self.border_subtitle) != (title, count):
            self.border_title, self.border_subtitle = title, count

    def _made(self, row: RunRow, width: int, *, bars: bool) -> Row:
        """The row as it is shown; what it was is kept as long as nothing of it has changed."""
        known = self._known.get(row.name)
        if known is not None and known[0] is row and known[1:3] == (width, bars):
            return known[3]
        return Row(row.name, _row(row, width, bars=bars))


def _row(row: RunRow, width: int, *, bars: bool) -> Content:
    if row.unread:
        # Not cut here: the first list is made before its width is known.
        return Content.styled(f"  {row.name}", "$quiet")
    if row.summary is None:
        glyph, style = DAMAGED_GLYPH
        return spread(_name(glyph, style, row.name), cut(Content.styled(row.fault_title, style), width // 2), width)
    state = row.summary.status.state
    glyph, style = glyph_of(row.summary.status)
    if not state.is_live:
        reason = _reason(row.summary)
        room = max(width - len(row.name) - 3, width // 2)
        reason = state.value if row.foreign and len(reason) > width - len(row.name) - 3 else reason
        tint = "$run-failed" if state in (RunState.FAILED, RunState.LOST) else "$quiet"
        return spread(_name(glyph, style, row.name), cut(Content.styled(reason, tint), room), width)
    progress = row.summary.progress
    fraction = phase_fraction(progress)
    colour = f"$phase-{progress.phase}"
    right = Content.assemble(
        (f"p{progress.phase}", colour), f" {percent(fraction):>5}", f" {short_duration(progress.phase_eta_s):>6}"
    )
    if row.summary.stall:
        right = cut(Content.styled(row.summary.stall.sentence, "$run-waiting"), width // 2)
    first = spread(_name(glyph, style, row.name, "bold"), right, width)
    return Content.assemble(first, "\n   ", bar(fraction, width - 2, colour)) if bars else first


def _name(glyph: str, style: str, name: str, weight: str = "") -> Content:
    return Content.assemble((glyph, style), " ", (name, weight) if weight else name)


def _reason(summary: RunSummary) -> str:
    status = summary.status
    if summary.foreign:
        return f"{summary.foreign}, {status.state.value}"
    match status.state:
        case RunState.STOPPED if status.attempt:
            return f"stopped at {steps(summary.progress.step)}"
        case RunState.STOPPED:
            return "not started"
        case RunState.FAILED | RunState.LOST:
            return status.reason
        case RunState.QUEUED:
            return status.reason
    return status.state.value


def bar(fraction: float, width: int, colour: str) -> Content:
    """A line that is bright as far as something is done."""
    done = round(min(max(fraction, 0.0), 1.0) * width)
    return Content.assemble(("━" * done, colour), ("─" * (width - done), "$phase-to-come"))
