"""``ravetui run new | fork | start``."""

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.output import emit, json_option
from ravetui.commands.planning import all_changes, planning_options, set_option
from ravetui.engine.launch.start import LAUNCHERS
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import steps
from ravetui.runs.state import run_status
from ravetui.runs.workspace import Workspace


@click.command("new")
@click.argument("name")
@planning_options
@click.option("--start", "at_once", is_flag=True, help="Start it too.")
@workspace_option
@json_option
def new(
    name: str,
    data: str,
    preset: str | None,
    changes: dict[str, str],
    at_once: bool,
    workspace: Workspace,
    as_json: bool,
) -> None:
    """Make run NAME on a prepared dataset; its spec is frozen from then on."""
    from ravetui.engine.create import create_run
    from ravetui.engine.launch.start import start_run

    run = create_run(workspace, name, data, all_changes(preset, changes))
    attempt = start_run(run) if at_once else None
    text = f"Run {run.path}\n" + (f"Next: ravetui run start {name}" if attempt is None else _started(run, attempt))
    emit({"run": run.name, "path": str(run.path), "attempt": attempt}, text, as_json=as_json)


@click.command("fork")
@click.argument("run")
@click.argument("new")
@click.option("--from", "step", metavar="STEP", help="A step that has a checkpoint, or best; the newest if not given.")
@set_option
@click.option("--start", "at_once", is_flag=True, help="Start it too.")
@workspace_option
@json_option
def fork(
    run: str, new: str, step: str | None, changes: dict[str, str], at_once: bool, workspace: Workspace, as_json: bool
) -> None:
    """Make run NEW from a checkpoint of RUN: same weights, another schedule or other knobs."""
    from ravetui.engine.fork import fork_run, plan_fork
    from ravetui.engine.launch.start import start_run

    fork = plan_fork(workspace.run(run), step, changes)
    made = fork_run(workspace, new, fork)
    attempt = start_run(made) if at_once else None
    changed = {name: list(pair) for name, pair in fork.changed.items()}
    document = {
        "run": made.name,
        "path": str(made.path),
        "parent": run,
        "step": fork.checkpoint.step,
        "changed": changed,
        "attempt": attempt,
    }
    lines = [f"Run {made.path}", f"begins with the weights of {run} at step {steps(fork.checkpoint.step)}"]
    lines += [f"  {name}: {new} instead of {old}" for name, (old, new) in fork.changed.items()]
    lines.append(f"Next: ravetui run start {made.name}" if attempt is None else _started(made, attempt))
    emit(document, "\n".join(lines), as_json=as_json)


@click.command("start")
@click.argument("run")
@click.option("--launcher", type=click.Choice(LAUNCHERS), help="Instead of launch.launcher of config.toml.")
@workspace_option
@json_option
def start(run: str, launcher: str | None, workspace: Workspace, as_json: bool) -> None:
    """Start RUN, or resume it from its newest good checkpoint; it goes on without this terminal."""
    from ravetui.engine.launch.start import start_run

    folder = workspace.run(run)
    attempt = start_run(folder, launcher=launcher or "")
    emit({"run": run, "path": str(folder.path), "attempt": attempt}, _started(folder, attempt), as_json=as_json)


def _started(run: RunFolder, attempt: int) -> str:
    name = run.name
    if not attempt:
        return f"{name} is submitted to SLURM ({run_status(run).reason}). Watch it: ravetui, or ravetui run list"
    return f"{name} trains, and goes on when you log out. Watch it: ravetui, or ravetui run log -f {name}"
