"""``ravetui run queue | unqueue``."""

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.output import emit, json_option, table
from ravetui.engine.launch import queueing
from ravetui.runs.format import moment
from ravetui.runs.queue import QueueFolder
from ravetui.runs.workspace import Workspace


@click.command("queue")
@click.argument("runs", nargs=-1, metavar="[RUN]...")
@click.option("--first", is_flag=True, help="Before all others.")
@click.option("--before", metavar="OTHER", help="Right before OTHER.")
@click.option("--hold", is_flag=True, help="Start nothing from the queue until --release.")
@click.option("--release", is_flag=True, help="Let a held queue move again.")
@workspace_option
@json_option
def queue(
    runs: tuple[str, ...],
    first: bool,
    before: str | None,
    hold: bool,
    release: bool,
    workspace: Workspace,
    as_json: bool,
) -> None:
    """Let each RUN start by itself when a slot is free; a RUN that waits already can be moved. Without RUN: show it.

    A run that ends starts the next one, with no screen open. launch.max_running and launch.gpus say how many train at
    once.
    """
    if hold and release:
        raise click.UsageError("--hold and --release exclude each other.")
    if (first or before) and (len(runs) != 1 or (first and before)):
        raise click.UsageError("--first or --before places one RUN.")
    if hold:
        queueing.hold(workspace, "held by hand")
    said = [_queue(workspace, name, "" if first else before) for name in runs]
    started = queueing.release(workspace) if release else queueing.move_on(workspace)
    said += [f"{name} starts: a slot is free." for name in started]
    _show(workspace, said, as_json=as_json)


@click.command("unqueue")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@workspace_option
@json_option
def unqueue(runs: tuple[str, ...], workspace: Workspace, as_json: bool) -> None:
    """Take each RUN out of the queue; it stays as it is."""
    said = []
    for name in runs:
        out = queueing.take_out(workspace.run(name))
        said.append(f"{name} was taken out of the queue." if out else f"{name} was not in the queue.")
    _show(workspace, said, as_json=as_json)


def _queue(workspace: Workspace, name: str, before: str | None) -> str:
    """Queue a run, or move one that waits; ``before`` is as in :func:`queueing.move`."""
    run = workspace.run(name)
    if before is None:
        return queueing.enqueue(workspace, run)
    if QueueFolder(workspace.queue).read().place(name) is not None:
        return queueing.move(run, before=before)
    return queueing.enqueue(workspace, run, before=before)


def _show(workspace: Workspace, said: list[str], *, as_json: bool) -> None:
    found = QueueFolder(workspace.queue).read()
    rows = [(index + 1, item.run, moment(item.queued)) for index, item in enumerate(found.entries)]
    document = {
        "waiting": [{"run": item.run, "queued": item.queued} for item in found.entries],
        "held": found.held,
        "messages": said,
    }
    lines = [*said, table(("", "waits", "since"), rows) if rows else "Nothing waits."]
    if found.held:
        lines.append(f"The queue is held: {found.held}. `ravetui run queue --release` lets it move.")
    emit(document, "\n".join(lines), as_json=as_json)
