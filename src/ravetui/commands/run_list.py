"""``ravetui run list``."""

import time

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.finite import finite
from ravetui.commands.output import emit, json_option, say, table
from ravetui.runs.estimate import all_summaries, foreign_summaries
from ravetui.runs.format import duration, round_duration, steps
from ravetui.runs.progress import Progress
from ravetui.runs.summary import RunSummary
from ravetui.runs.workspace import Workspace

_HEADERS = ("run", "state", "phase", "step", "of", "epoch", "phase ends in", "run ends in", "reason")


@click.command("list")
@workspace_option
@json_option
def list_runs(workspace: Workspace, as_json: bool) -> None:
    """List the runs: state and why, phase, step, epoch, time left."""
    found = all_summaries(workspace, lambda folder, error: say(f"{folder.name} is left out: {error}"))
    found += foreign_summaries(workspace, say)
    text = table(_HEADERS, map(_row, found)) if found else "There are no runs yet: ravetui run new NAME --data DATASET"
    emit(finite([summary.as_dict() for summary in found]), text, as_json=as_json)


def _row(summary: RunSummary) -> tuple[object, ...]:
    where, live = summary.progress, summary.status.state.is_live
    return (
        summary.name,
        summary.status.state,
        where.phase if not summary.foreign or where.transitions or where.phase_end_step else "–",
        steps(where.step),
        steps(where.total_steps) if where.total_steps else "–",
        f"{where.epoch:.1f}" if where.steps_per_epoch else "–",
        duration(where.left(where.phase_eta_s, time.time())) if live else "–",
        _run_ends(where) if live else "–",
        summary.reason,
    )


def _run_ends(where: Progress) -> str:
    left = where.left(where.eta_s, time.time())
    margin = f" ± {round_duration(where.eta.half_width)}" if where.eta and left else ""
    return f"{duration(left)}{margin}{' (estimated)' if where.estimated_from else ''}"
