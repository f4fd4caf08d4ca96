"""The runs of the workspace: state, phase, progress, ETA."""

from textual.app import ComposeResult
from textual.content import Content

from ravetui.app.panes.columns import cut, spread
from ravetui.app.panes.listing import Listing
from ravetui.app.panes.rows import Row, Rows
from ravetui.app.snapshot import RunRow, Snapshot
from ravetui.app.words import DAMAGED_GLYPH, glyph_of, percent, phase_fraction, short_duration
from ravetui.runs.format import steps
from ravetui.runs.state import RunState
from ravetui.runs.summary import RunSummary


class RunsPane(Listing):
    """The list of runs; its cursor decides what the other panes show."""

    HELP = (
        "Every run of the workspace. ● trains, ▲ trains without its supervisor, ◑ is stopping, ◐ waits in the queue, "
        "○ was never started, ■ was stopped, ✓ is finished, ✗ failed, ? was lost, ! has a damaged folder. Beside a run "
        "that trains: its phase, how much of that phase is done, and when that phase ends, or that it stands still."
    )

    def __init__(self, *, id: str) -> None:  # noqa: A002 (Textual's name)
        super().__init__(id=id)
        self._known: dict[str, tuple[RunRow, int, bool, Row]] = {}

    def compose(self) -> ComposeResult:
        """The list."""
        self.border_title = "runs"
        yield Rows(id="run-rows")

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
        width = self.rows.room
        rows = [self._made(row, width, bars=bars) for row in snapshot.runs]
        self._known = {row.name: (row, width, bars, made) for row, made in zip(snapshot.runs, rows, strict=True)}
        self.rows.show(rows, select=select)
        self.border_subtitle = str(len(rows)) if rows else ""

    def _made(self, row: RunRow, width: int, *, bars: bool) -> Row:
        """The row as it is shown; what it was is kept as long as nothing of it has changed."""
        known = self._known.get(row.name)
        if known is not None and known[0] is row and known[1:3] == (width, bars):
            return known[3]
        return Row(row.name, _row(row, width, bars=bars))


def _row(row: RunRow, width: int, *, bars: bool) -> Content:
    if row.unread:
        return cut(Content.styled(f"  {row.name}", "$quiet"), width)
    if row.summary is None:
        glyph, style = DAMAGED_GLYPH
        return spread(_name(glyph, style, row.name), cut(Content.styled(row.fault_title, style), width // 2), width)
    state = row.summary.status.state
    glyph, style = glyph_of(row.summary.status)
    if not state.is_live:
        reason = _reason(row.summary)
        room = max(width - len(row.name) - 3, width // 2)
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
