"""The option ``--data`` of commands that render a run of another program."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ravetui.errors import RunError
from ravetui.runs.folder import RunFolder
from ravetui.runs.foreign.checkpoints import refuse_unless_rendered
from ravetui.runs.foreign.folder import ForeignFolder
from ravetui.runs.foreign.given import give_audio
from ravetui.runs.workspace import Workspace

F = TypeVar("F", bound=Callable[..., Any])


def data_option(command: F) -> F:
    """Add ``--data``, as the argument ``data``."""
    text = "For a run of another program: a dataset or a folder of audio that goes through it, from now on."
    return click.option("--data", help=text)(command)


def with_audio(workspace: Workspace, run: RunFolder, data: str | None) -> RunFolder:
    """The run, once what was given for it is kept.

    Raises:
        RunError: It is one of ours, whose data is known, or there is no such data.
    """
    if isinstance(run, ForeignFolder):
        refuse_unless_rendered(run)
        if data is not None:
            give_audio(workspace, run, data)
    elif data is not None:
        raise RunError("Data is known", f"{run.name} knows what it was trained on.", "Leave --data out.")
    return run
