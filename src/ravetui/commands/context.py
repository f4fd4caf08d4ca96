"""How a command finds its workspace."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ravetui.runs.workspace import Workspace, find_workspace

F = TypeVar("F", bound=Callable[..., Any])


def workspace_option(command: F) -> F:
    """Add ``-w/--workspace``, as the argument ``workspace``: that folder, or the nearest ``config.toml`` upwards."""
    return click.option(
        "-w",
        "--workspace",
        type=click.Path(path_type=Path, file_okay=False),
        callback=_find,
        help="The workspace; the nearest config.toml upwards if not given.",
    )(command)


def _find(context: click.Context, _parameter: click.Parameter, value: Path | None) -> Workspace:
    return find_workspace(value or context.find_root().params.get("workspace") or Path.cwd())
