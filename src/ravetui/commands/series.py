"""``ravetui series``."""

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.finite import finite
from ravetui.commands.output import emit, json_option, table
from ravetui.errors import RunError
from ravetui.runs.epochs import epoch_series
from ravetui.runs.folder import RunFolder
from ravetui.runs.foreign.folder import ForeignFolder
from ravetui.runs.foreign.history import ForeignHistory
from ravetui.runs.format import quantity
from ravetui.runs.history import RunHistory, Series, read_series
from ravetui.runs.spec import RunSpec, read_spec
from ravetui.runs.tables import TABLES, table_of
from ravetui.runs.workspace import Workspace


@click.command("series")
@click.argument("run")
@click.argument("tag")
@workspace_option
@json_option
def command(run: str, tag: str, workspace: Workspace, as_json: bool) -> None:
    """Print the numbers behind a curve of RUN: a step and a value a line."""
    folder = workspace.any_run(run)
    if isinstance(folder, ForeignFolder):
        _show(_foreign_series(folder, tag), as_json)
        return
    if table_of(tag) is None:
        tags = ", ".join(name for columns in TABLES.values() for name in columns)
        raise RunError("No such tag", f"Runs have no curve {tag!r}.", f"Tags: {tags}.")
    own = epoch_series(*_polled(folder), tag) if table_of(tag) == "epochs" else read_series(folder, tag)
    _show(own, as_json)


def _foreign_series(folder: ForeignFolder, tag: str) -> Series:
    history = ForeignHistory(folder)
    history.poll()
    if tag not in history.tags:
        raise RunError("No such tag", f"{folder.name} has no curve {tag!r}.", f"Tags: {', '.join(history.tags)}.")
    return history.series(tag)


def _show(series: Series, as_json: bool) -> None:
    tag = series.tag
    document = {"tag": tag, "step": series.step.tolist(), "value": finite(series.value.tolist())}
    rows = zip(document["step"], map(quantity, document["value"]), strict=True)
    emit(document, table(("step", tag), rows), as_json=as_json)


def _polled(folder: RunFolder) -> tuple[RunHistory, RunSpec]:
    """What the times of epochs are read from: a run of an older version has only its steps."""
    history = RunHistory(folder)
    history.poll(["steps", "epochs"])
    return history, read_spec(folder.spec_path)
