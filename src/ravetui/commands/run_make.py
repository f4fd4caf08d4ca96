"""``ravetui run new | start``."""

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.output import emit, json_option
from ravetui.commands.planning import all_changes, planning_options
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
    text = f"Run {run.path}\n" + (_started(name) if attempt else f"Next: ravetui run start {name}")
    emit({"run": run.name, "path": str(run.path), "attempt": attempt}, text, as_json=as_json)


@click.command("start")
@click.argument("run")
@workspace_option
@json_option
def start(run: str, workspace: Workspace, as_json: bool) -> None:
    """Start RUN, or resume it from its newest good checkpoint; it goes on without this terminal."""
    from ravetui.engine.launch.start import start_run

    folder = workspace.run(run)
    attempt = start_run(folder)
    emit({"run": run, "path": str(folder.path), "attempt": attempt}, _started(run), as_json=as_json)


def _started(name: str) -> str:
    return f"{name} trains, and goes on when you log out. Watch it: ravetui, or ravetui run log -f {name}"
