"""``ravetui run stop | phase | wait | pin``."""

import time

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.output import emit, json_option, say
from ravetui.engine.launch.phase import go_adversarial, stay_in_reconstruction
from ravetui.engine.launch.stop import stop_run, wait_for
from ravetui.runs import retention
from ravetui.runs.format import steps
from ravetui.runs.state import RunState, run_status
from ravetui.runs.workspace import Workspace


@click.command("stop")
@click.argument("run")
@click.option("--now", is_flag=True, help="End it at once, without saving.")
@workspace_option
@json_option
def stop(run: str, now: bool, workspace: Workspace, as_json: bool) -> None:
    """Let RUN save a checkpoint after the present step and end."""
    folder = workspace.run(run)
    sentence = stop_run(folder, now=now)
    emit({"run": run, "state": run_status(folder).state.value, "message": sentence}, sentence, as_json=as_json)


@click.command("phase")
@click.argument("run")
@click.option("--undo", is_flag=True, help="Take the request back, as long as it has not been obeyed.")
@workspace_option
@json_option
def phase(run: str, undo: bool, workspace: Workspace, as_json: bool) -> None:
    """Let RUN go adversarial from here: phase 2 begins after the present step."""
    folder = workspace.run(run)
    sentence = stay_in_reconstruction(folder) if undo else go_adversarial(folder)
    emit({"run": run, "requested": not undo, "message": sentence}, sentence, as_json=as_json)


@click.command("pin")
@click.argument("run")
@click.argument("step")
@click.option("--undo", is_flag=True, help="Let it be deleted when its turn comes.")
@workspace_option
@json_option
def pin(run: str, step: str, undo: bool, workspace: Workspace, as_json: bool) -> None:
    """Keep the checkpoint of RUN at STEP (or best, or latest) for good."""
    folder = workspace.run(run)
    found = retention.unpin(folder, step) if undo else retention.pin(folder, step)
    what = "is kept no longer than others" if undo else "is kept for good"
    sentence = f"Step {steps(found.step)} of {run} {what}."
    emit({"run": run, "step": found.step, "pinned": not undo, "message": sentence}, sentence, as_json=as_json)


@click.command("wait")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--timeout", type=click.FloatRange(min=0), help="Seconds after which to give up.")
@workspace_option
@json_option
@click.pass_context
def wait(
    context: click.Context, runs: tuple[str, ...], timeout: float | None, workspace: Workspace, as_json: bool
) -> None:
    """Wait until every RUN has ended, those that are queued too; exit 1 if one has failed or was lost."""
    folders = [workspace.run(name) for name in runs]
    deadline = None if timeout is None else time.monotonic() + timeout
    ended = []
    for folder in folders:
        left = None if deadline is None else max(deadline - time.monotonic(), 0.0)
        ended.append((folder.name, wait_for(folder, lambda state: not state.goes_on, left)))
    document = [{"run": name, "state": status.state.value, "reason": status.reason} for name, status in ended]
    text = "\n".join(f"{name}: {status.sentence}" for name, status in ended)
    emit(document, text, as_json=as_json)
    bad = [name for name, status in ended if status.state in (RunState.FAILED, RunState.LOST)]
    for name in bad:
        say(f"{name} did not end well. See: ravetui run log {name}; resume with: ravetui run start {name}")
    if bad:
        context.exit(1)
