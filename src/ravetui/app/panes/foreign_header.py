"""Where a run of another program is, as far as its files tell."""

from textual.content import Content

from ravetui.app.panes.columns import cut
from ravetui.app.snapshot import Detail, RunRow
from ravetui.app.words import PHASES, clock_time, distance, epoch_time
from ravetui.runs.format import duration, steps
from ravetui.runs.state import RunState
from ravetui.runs.summary import RunSummary

_GAP = "   "


def foreign_title(summary: RunSummary) -> str:
    """Name, program, state, and the phase where there are phases."""
    progress = summary.progress
    phased = progress.transitions or progress.phase_end_step
    phase = f" · phase {progress.phase} {PHASES[progress.phase]}" if phased else ""
    return f"{summary.name} · {summary.spec.preset} · {summary.status.state.value}{phase}"


def foreign_boundary(summary: RunSummary) -> str:
    """Where phase 2 began, or where its configuration lets it begin."""
    progress = summary.progress
    if progress.transitions:
        return f"phase 2 since {steps(progress.transitions[-1].step)}"
    return f"phase 2 at {steps(progress.phase_end_step)}" if progress.phase_end_step else ""


def foreign_lines(row: RunRow, summary: RunSummary, detail: Detail, width: int, now: float) -> Content:
    """Four lines of the header.

    Args:
        width: Cells.
        now: Unix time, seconds.
    """
    progress, status = summary.progress, summary.status
    first = [Content.assemble(("step ", "$quiet"), (steps(progress.step), "$number bold"))]
    if progress.steps_per_epoch:
        first.append(Content.assemble(("epoch ", "$quiet"), (f"{progress.epoch:.0f}", "$number bold")))
        first.append(Content.styled(epoch_time(progress), "$foreground"))
    if detail.best is not None:
        first.append(Content.assemble(("best ", "$quiet"), (distance(detail.best), "$run-live")))
    while len(first) > 1 and sum(part.cell_length + len(_GAP) for part in first) - len(_GAP) > width:
        first.pop()
    source = row.foreign.source if row.foreign else ""
    since = f" (last written {clock_time(status.since, now)})" if status.since else ""
    tint = "$run-live" if status.state is RunState.WRITING else "$quiet"
    lines = [
        Content(_GAP).join(first),
        cut(Content.styled(f"read only: {source}", "$quiet"), width),
        cut(Content.assemble((status.reason, tint), (since, "$quiet")), width),
    ]
    if status.state is RunState.WRITING and progress.phase_eta_s is not None:
        when = clock_time(now + progress.phase_eta_s, now)
        lines.append(
            Content.assemble(("phase 2 in ", "$quiet"), (duration(progress.phase_eta_s), "$number bold"), f" ({when})")
        )
    if summary.warning or row.fault:
        lines[3:] = [cut(Content.styled(row.fault or summary.warning, "$run-failed"), width)]
    return Content("\n").join(lines)
