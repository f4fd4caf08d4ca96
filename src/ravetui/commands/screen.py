"""The screen: ``ravetui`` without a command."""

import gc
import sys
from pathlib import Path

import click

from ravetui.errors import ConfigError
from ravetui.runs.workspace import find_workspace


def open_screen(workspace: Path | None) -> None:
    """Open the screen on a workspace, and say afterwards what goes on without it.

    Args:
        workspace: A folder; None is the present one. The nearest ``config.toml`` upwards decides.

    Raises:
        ConfigError: There is no workspace, its config is damaged, or there is no terminal.
    """
    # What is made at the start stays: looking through it for garbage, over and over, is a seventh of the time it takes.
    gc.disable()
    from ravetui.app.app import RavetuiApp

    app = RavetuiApp(find_workspace(workspace or Path.cwd()), started=_collect_again)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConfigError("No terminal", "The screen needs a terminal.", "`ravetui run list` prints the runs.")
    said = app.run()
    if said:
        click.echo(said)


def _collect_again() -> None:
    """Look for garbage among what is made from now on: to go through all the rest would hold a key up."""
    gc.freeze()
    gc.enable()
