"""Where the selected run is: step, epoch, time per epoch, progress, and when each phase ends."""

from textual.content import Content
from textual.widgets import Static

from ravetui.app.panes.columns import cut
from ravetui.app.panes.foreign_header import foreign_boundary, foreign_lines, foreign_title
from ravetui.app.panes.runs import bar
from ravetui.app.snapshot import Detail, RunRow
from ravetui.app.words import (
    PHASES,
    clock_time,
    distance,
    epoch_time,
    estimate_source,
    job_words,
    of_steps,
    phase_eta,
    run_eta,
    state_words,
    usual_epoch,
    validation_eta,
)
from ravetui.runs.format import steps
from ravetui.runs.progress import Progress
from ravetui.runs.state import RunState
from ravetui.runs.summary import RunSummary

_GAP = "   "


class HeaderPane(Static):
    """Four lines; nothing in it can be selected."""

    DEFAULT_CSS = """
    HeaderPane {
        border: solid $line; border-title-color: $phase-1; border-subtitle-color: $phase-2;
        padding: 0 1; height: 6;
    }
    """

    def show(self, row: RunRow | None, detail: Detail | None, now: float) -> None:
        """Show a run.

        Args:
            row: The selected run; None when there is none.
            detail: Its detail, when that has been read.
            now: Unix time, seconds.
        """
        width = max(self.scrollable_content_region.width, 20)
        if row is None:
            title, note, text = "", "", Content("")
        elif row.summary is None:
            title, note = row.name, ""
            what = row.fault_title if row.foreign else "damaged"
            text = Content.assemble((f"{what}: ", "$run-failed bold"), row.fault)
        else:
            title, note = _title(row.summary, now), _boundary(row.summary.progress)
            if row.foreign:
                title, note = foreign_title(row.summary), foreign_boundary(row.summary)
            lines = foreign_lines if row.foreign else _lines
            text = lines(row, row.summary, detail or Detail(), width, now)
        if (self.border_title or "", self.border_subtitle or "") != (title, note):
            self.border_title, self.border_subtitle = title, note
        if text.plain != _plain(self):
            self.update(text, layout=False)


def _plain(widget: Static) -> str:
    content = widget.content
    return content.plain if isinstance(content, Content) else ""


def _title(summary: RunSummary, now: float) -> str:
    phase, job = summary.progress.phase, job_words(summary.status, now)
    still = f", {summary.stall.sentence}" if summary.stall else ""
    words = f"{summary.name} · {state_words(summary.status)}{still} · phase {phase} {PHASES[phase]}"
    return f"{words} · {job}" if job else words


def _boundary(progress: Progress) -> str:
    for change in progress.transitions:
        if change.phase == 2:
            return f"phase 2 since {steps(change.step)}"
    return f"phase 2 at {steps(progress.phase_end_step)}" if progress.phase_end_step < progress.total_steps else ""


def _lines(row: RunRow, summary: RunSummary, detail: Detail, width: int, now: float) -> Content:
    progress, status, best, saved = summary.progress, summary.status, detail.best, detail.saved
    first = [
        Content.assemble(("step ", "$quiet"), _lit(of_steps(progress))),
        Content.assemble(("epoch ", "$quiet"), _lit(f"{progress.epoch:.1f} of {progress.epochs:.1f}")),
        _lit_first(epoch_time(progress)),
    ]
    if best is not None:
        first.append(Content.assemble(("best ", "$quiet"), (distance(best), "$run-live")))
    if usual := usual_epoch(progress):
        first.append(Content.styled(usual, "$quiet"))
    while len(first) > 1 and sum(part.cell_length + len(_GAP) for part in first) - len(_GAP) > width:
        first.pop()
    lines = [Content(_GAP).join(first), _run_bar(progress, width)]
    if status.state.is_live:
        lines += [_phase_line(progress, width, now)]
        if progress.phase_end_step < progress.total_steps:
            lines += [_run_line(progress, width, now)]
        if summary.stall:
            lines[-1] = Content.styled(summary.stall.advice, "$run-waiting")
        if status.state is not RunState.RUNNING:
            lines[-1] = Content.assemble((status.reason, "$run-waiting"))
    else:
        lines += _ended(summary, saved, width, now)
    if summary.warning:
        lines[-1] = Content.styled(summary.warning, "$run-failed")
    if "phase" in row.requests:
        when = "after the present step" if status.state.is_live else "as soon as it is started"
        lines[-1] = Content.assemble((f"asked to go adversarial: it does {when}; p takes that back", "$phase-2"))
    if row.fault:
        lines[-1] = Content.styled(row.fault, "$run-failed")
    return Content("\n").join(lines)


def _ended(summary: RunSummary, saved: int | None, width: int, now: float) -> list[Content]:
    status = summary.status
    bad = status.state in (RunState.FAILED, RunState.LOST)
    when = f" ({clock_time(status.since, now)})" if status.since else ""
    # What s does stands below it: a long reason is cut here, and whole in the events and in `run show`.
    said = cut(Content.styled(status.sentence, "$run-failed" if bad else "$foreground"), width)
    when = when if said.cell_length + len(when) <= width else ""
    waits = "it starts by itself when a slot is free · s now · x takes it out"
    waits = "x takes it out of SLURM's queue" if status.waits_in_slurm else waits
    what = {RunState.FINISHED: "", RunState.QUEUED: waits}.get(status.state)
    if what is None:
        what = "s starts it" if saved is None else f"s resumes it at step {steps(saved)}"
    return [Content.assemble(said, (when, "$quiet")), Content.styled(what, "$quiet")]


def _phase_line(progress: Progress, width: int, now: float) -> Content:
    """When the phase ends, and the next validation where there is room for it."""
    line, validation = _eta(phase_eta(progress, now)), _eta(validation_eta(progress, now))
    if progress.validation_eta is None or line.cell_length + len(_GAP) + validation.cell_length > width:
        return line
    return Content.assemble(line, _GAP, validation)


def _run_line(progress: Progress, width: int, now: float) -> Content:
    """When the run ends; where there is room, what that was estimated from."""
    what, length, when = run_eta(progress, now)
    source = estimate_source(progress)
    whole = _eta((what, length, f"{when}: {source}"))
    return whole if source and when and whole.cell_length <= width else _eta((what, length, when))


def _eta(parts: tuple[str, str, str]) -> Content:
    what, length, when = parts
    if not when:
        known = what.endswith(" in")
        return Content.assemble((f"{what} ", "$quiet"), (length, "$number bold" if known else "$quiet"))
    return Content.assemble((f"{what} ", "$quiet"), (length, "$number bold"), (f" ({when})", "$quiet"))


def _run_bar(progress: Progress, width: int) -> Content:
    """The whole run as one line, each phase in its colour."""
    total = max(progress.total_steps, 1)
    border = next((item.step for item in progress.transitions if item.phase == 2), None)
    if border is None:
        border = progress.phase_end_step if progress.phase == 1 else 0
    first = min(max(round(width * border / total), 0), width)
    done = progress.step
    parts = []
    if first:
        parts.append(bar(done / border if border else 1.0, first, "$phase-1"))
    if first < width:
        parts.append(bar((done - border) / max(total - border, 1), width - first, "$phase-2"))
    return Content("").join(parts)


def _lit(text: str) -> Content:
    """``131 400 of 213 400``: what comes before ``of`` is bright."""
    value, of, rest = text.partition(" of ")
    return Content.assemble((value, "$number bold"), (of + rest, "$quiet"))


def _lit_first(text: str) -> Content:
    value, of, rest = text.partition(" an epoch")
    return Content.assemble((value, "$foreground" if of else "$quiet"), (of + rest, "$quiet"))
