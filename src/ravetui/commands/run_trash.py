"""``ravetui run delete | restore | trash``."""

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.output import emit, json_option, table
from ravetui.runs.format import bytes_, moment
from ravetui.runs.trash import Trashed, delete_run, empty_trash, list_trash, restore_run
from ravetui.runs.workspace import Workspace

_HEADERS = ("run", "deleted", "size")


@click.command("delete")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@workspace_option
@json_option
def delete(runs: tuple[str, ...], workspace: Workspace, as_json: bool) -> None:
    """Move each RUN to the trash; `run restore` brings it back, `run trash --empty` frees its room."""
    gone = [delete_run(workspace, name) for name in runs]
    text = "\n".join(f"{item.name} is in the trash. Undo: ravetui run restore {item.name}" for item in gone)
    emit([{"run": item.name, "path": str(item.path)} for item in gone], text, as_json=as_json)


@click.command("restore")
@click.argument("run")
@workspace_option
@json_option
def restore(run: str, workspace: Workspace, as_json: bool) -> None:
    """Take RUN out of the trash again, the one that was deleted last if there are several."""
    back = restore_run(workspace, run)
    text = f"{run} is back." if back.name == run else f"{run} is back as {back.name}: its name was taken meanwhile."
    emit({"run": back.name, "path": str(back.path)}, text, as_json=as_json)


@click.command("trash")
@click.option("--empty", is_flag=True, help="Delete for good what is in it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@workspace_option
@json_option
def trash(empty: bool, yes: bool, workspace: Workspace, as_json: bool) -> None:
    """List the deleted runs, newest first."""
    found = list_trash(workspace)
    sizes = {item.path: item.bytes for item in found}
    total = bytes_(sum(sizes.values()))
    document = [
        {"run": item.name, "deleted": item.deleted, "bytes": sizes[item.path], "path": str(item.path)} for item in found
    ]
    if empty and found:
        if not yes:
            click.confirm(f"Delete {_names(found)} for good ({total})?", abort=True, err=True)
        empty_trash(workspace)
        emit(document, f"{_names(found)} deleted for good; {total} freed.", as_json=as_json)
        return
    rows = [(item.name, moment(item.deleted), bytes_(sizes[item.path])) for item in found]
    emit(document, table(_HEADERS, rows) if rows else "The trash is empty.", as_json=as_json)


def _names(found: list[Trashed]) -> str:
    return ", ".join(item.name for item in found)
