"""Score one checkpoint: ``python -m ravetui.jobs.score RUN --step N``; the engine renders, the metrics judge.

The reconstructions of validation audio are compared with a reference set, and each with its own original. Whatever was
rendered and embedded before is found again; a score that was made before is that score.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from ravetui.errors import RavetuiError
from ravetui.jobs.scoring.plan import Plan, make_plan
from ravetui.jobs.scoring.request import Progress, ScoreRequest
from ravetui.jobs.scoring.stages import Stages
from ravetui.jobs.scoring.stored import documents_of
from ravetui.runs.events import append_event
from ravetui.runs.foreign.source_watch import run_at
from ravetui.runs.format import steps
from ravetui.runs.jobs import JobFolder, report_progress
from ravetui.runs.scores import write_score
from ravetui.runs.turn import turn
from ravetui.runs.workspace import workspace_above

IDLE = 19
"""Niceness of a scoring that nobody waits for."""


def score(request: ScoreRequest, progress: Progress, *, again: bool = False) -> dict[str, Any]:
    """Render, embed, judge and publish in ``scores/``; returns what was written.

    One scoring of a workspace renders at a time; one that finds all in the cache waits for nobody.

    Args:
        progress: Told how far it is.
        again: Make it again, although it was made before of the same sounds by the same code.

    Raises:
        CheckpointError: There is no such checkpoint, or it is damaged.
        DataError: The run's dataset is gone.
        RunError: The reference names a run that is not there.
        ScoreError: The reference or embedder is unknown, or the sets are too small.
    """
    plan = make_plan(request)
    if not again and (stored := plan.stored) is not None:
        progress(1.0, "scored before")
        return stored
    if plan.is_at_hand:
        return _make(plan, progress)
    with _turn(request, progress):
        # Whoever had the turn before may have made this very score.
        found = next((one for one in documents_of(request.run, request.step) if _is(one, plan)), None)
        return found if found is not None and not again else _make(plan, progress)


def _make(plan: Plan, progress: Progress) -> dict[str, Any]:
    # Here, so that a score that was made before is found without what makes one.
    from ravetui.jobs.scoring.document import document_of
    from ravetui.jobs.scoring.measuring import measure

    run, step, embedder = plan.request.run, plan.checkpoint.step, plan.embedder.name
    same = [one["seconds"] for one in plan.earlier if one.get("embedder") == embedder and "seconds" in one]
    # Of those that found much in the cache nothing can be learnt: the slowest counts.
    timed: dict[str, float] = max(same, key=lambda seconds: sum(seconds.values()), default={})
    stages = Stages(progress, timed)
    document = document_of(plan, measure(plan, stages), stages)
    write_score(run, step, embedder, document)
    append_event(run.events, "scored", step=step, embedder=embedder)
    progress(1.0, "done")
    return document


def _is(document: dict[str, Any], plan: Plan) -> bool:
    return document.get("identity") == plan.identity


@contextmanager
def _turn(request: ScoreRequest, progress: Progress) -> Iterator[None]:
    """One after another in a workspace; outside of one there is nobody to wait for."""
    workspace = workspace_above(request.run.path)
    if workspace is None:
        yield
        return
    name = f"{request.run.name}, step {steps(request.step)}"
    with turn(workspace.scoring, name, lambda other: progress(0.0, f"waits for {other}")):
        yield


@click.command()
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--step", type=int, required=True)
@click.option("--embedder", required=True)
@click.option("--reference", required=True)
@click.option("--seconds", type=float, required=True)
@click.option("--compat", is_flag=True)
@click.option("--idle", is_flag=True, help="Let everything else on this machine go first.")
@click.option("--job", type=click.Path(path_type=Path, file_okay=False), required=True)
def main(
    run: Path, step: int, embedder: str, reference: str, seconds: float, compat: bool, idle: bool, job: Path
) -> None:
    """Score in the background; the shim records how it ended, and the log's last line says why."""
    folder = JobFolder(job)
    if idle:
        os.nice(IDLE)
    try:
        request = ScoreRequest(run_at(run), step, embedder, reference, seconds, compat)
        score(request, lambda fraction, note: report_progress(folder, fraction, note))
    except RavetuiError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
