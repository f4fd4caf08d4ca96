"""``ravetui run new | fork | start``."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.output import emit, json_option
from ravetui.commands.planning import all_changes, planning_options, set_option
from ravetui.engine.launch.start import LAUNCHERS
from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import steps
from ravetui.runs.queue import newest_attempt
from ravetui.runs.state import run_status
from ravetui.runs.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])


def start_options(command: F) -> F:
    """Add ``--start`` and ``--queue``, as the arguments ``at_once`` and ``queued``."""
    command = click.option("--queue", "queued", is_flag=True, help="Let it start when a slot is free.")(command)
    return click.option("--start", "at_once", is_flag=True, help="Start it now.")(command)


@click.command("new")
@click.argument("name")
@planning_options
@start_options
@workspace_option
@json_option
def new(
    name: str,
    data: str,
    preset: str | None,
    changes: dict[str, str],
    at_once: bool,
    queued: bool,
    workspace: Workspace,
    as_json: bool,
) -> None:
    """Make run NAME on a prepared dataset; its spec is frozen from then on."""
    from ravetui.engine.create import create_run

    run = create_run(workspace, name, data, all_changes(preset, changes))
    warnings = [str(event.fields["reason"]) for event in read_events(run.events) if event.kind == "warned"]
    attempt, said = _begin(workspace, run, at_once=at_once, queued=queued)
    lines = [f"Run {run.path}", *(f"Warning: {sentence}" for sentence in warnings), said]
    document = {"run": run.name, "path": str(run.path), "attempt": attempt, "warnings": warnings}
    emit(document, "\n".join(lines), as_json=as_json)


@click.command("fork")
@click.argument("run")
@click.argument("new")
@click.option("--from", "step", metavar="STEP", help="A step that has a checkpoint, or best; the newest if not given.")
@set_option
@start_options
@workspace_option
@json_option
def fork(
    run: str,
    new: str,
    step: str | None,
    changes: dict[str, str],
    at_once: bool,
    queued: bool,
    workspace: Workspace,
    as_json: bool,
) -> None:
    """Make run NEW from a checkpoint of RUN: same weights, another schedule or other knobs."""
    from ravetui.engine.fork import fork_run, plan_fork

    fork = plan_fork(workspace.run(run), step, changes)
    made = fork_run(workspace, new, fork)
    attempt, said = _begin(workspace, made, at_once=at_once, queued=queued)
    changed = {name: list(pair) for name, pair in fork.changed.items()}
    document = {
        "run": made.name,
        "path": str(made.path),
        "parent": run,
        "step": fork.checkpoint.step,
        "changed": changed,
        "boundaries": {name: fork.plan.as_dict()[name] for name in ("phase_1", "total", "validation")},
        "attempt": attempt,
        "warnings": list(fork.plan.warnings),
    }
    lines = [f"Run {made.path}", f"begins with the weights of {run} at step {steps(fork.checkpoint.step)}"]
    boundaries = ("phase_1_steps", "total_steps", "validate_every")
    settings = {name: pair for name, pair in fork.changed.items() if name not in boundaries}
    lines += [f"  {name}: {new} instead of {old}" for name, (old, new) in settings.items()]
    lines += [f"  {sentence}" for sentence in fork.moved]
    lines += [f"Warning: {sentence}" for sentence in fork.plan.warnings]
    lines.append(said)
    emit(document, "\n".join(lines), as_json=as_json)


@click.command("start")
@click.argument("run", required=False)
@click.option("--lost", is_flag=True, help="Every run that a restart or crash took down, as slots allow.")
@click.option("--share", is_flag=True, help="Start it even if no GPU is free.")
@click.option("--launcher", type=click.Choice(LAUNCHERS), help="Instead of launch.launcher of config.toml.")
@workspace_option
@json_option
@click.pass_context
def start(
    context: click.Context,
    run: str | None,
    lost: bool,
    share: bool,
    launcher: str | None,
    workspace: Workspace,
    as_json: bool,
) -> None:
    """Start RUN now, or resume it from its newest good checkpoint; it goes on without this terminal."""
    from ravetui.engine.launch.start import start_run

    if lost == (run is not None):
        raise click.UsageError("Name one RUN, or say --lost.")
    if run is None:
        if not _start_lost(workspace, as_json=as_json):
            context.exit(1)
        return
    folder = workspace.run(run)
    attempt = start_run(folder, launcher=launcher or "", share=share)
    emit({"run": run, "path": str(folder.path), "attempt": attempt}, _started(folder, attempt), as_json=as_json)


def _start_lost(workspace: Workspace, *, as_json: bool) -> bool:
    """Resume what was lost, and let the queue move; False if one of them could not be resumed."""
    from ravetui.engine.launch.lost import start_lost
    from ravetui.engine.launch.queueing import move_on

    resumed = start_lost(workspace)
    started = move_on(workspace)
    lines = [item.said for item in resumed] + [f"{name} starts." for name in started]
    document = {
        "resumed": [{"run": item.run, "failed": item.failed, "message": item.said} for item in resumed],
        "started_from_queue": started,
    }
    emit(document, "\n".join(lines) or "No run was lost.", as_json=as_json)
    return not any(item.failed for item in resumed)


def _begin(workspace: Workspace, run: RunFolder, *, at_once: bool, queued: bool) -> tuple[int | None, str]:
    """Do with a new run what was asked for: the number of its attempt, if it has begun, and what to say."""
    from ravetui.engine.launch.queueing import enqueue
    from ravetui.engine.launch.start import start_run

    if at_once:
        attempt = start_run(run)
        return attempt, _started(run, attempt)
    if queued:
        said = enqueue(workspace, run)
        return newest_attempt(run) or None, said
    return None, f"Next: ravetui run start {run.name}, or ravetui run queue {run.name}"


def _started(run: RunFolder, attempt: int) -> str:
    name = run.name
    if not attempt:
        return f"{name} is submitted to SLURM ({run_status(run).reason}). Watch it: ravetui, or ravetui run list"
    return f"{name} trains, and goes on when you log out. Watch it: ravetui, or ravetui run log -f {name}"
