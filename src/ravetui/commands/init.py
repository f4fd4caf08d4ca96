"""``ravetui init``."""

from pathlib import Path

import click

from ravetui.commands.output import emit, json_option
from ravetui.runs.workspace import make_workspace


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
@json_option
def command(folder: Path, as_json: bool) -> None:
    """Make FOLDER a workspace: config.toml with every default and its comment."""
    workspace = make_workspace(folder)
    text = f"Workspace {workspace.root}\nNext: ravetui data prepare NAME FOLDER-OF-AUDIO"
    emit({"workspace": str(workspace.root)}, text, as_json=as_json)
