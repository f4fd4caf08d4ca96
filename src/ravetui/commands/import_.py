"""``ravetui import``."""

from pathlib import Path

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.finite import finite
from ravetui.commands.output import emit, json_option, table
from ravetui.runs.foreign.importing import import_folder
from ravetui.runs.foreign.watcher import ForeignWatcher
from ravetui.runs.format import steps
from ravetui.runs.summary import RunSummary
from ravetui.runs.workspace import Workspace


@click.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", default="", help="What the folder is called here; its own name if not given.")
@workspace_option
@json_option
def command(folder: Path, name: str, workspace: Workspace, as_json: bool) -> None:
    """Show the runs in FOLDER, which another program writes; nothing is copied, nothing is written there."""
    done = import_folder(workspace, folder, name)
    watched = [(run, ForeignWatcher(run)) for run in done.runs]
    found = [(run, watcher.summary(), watcher) for run, watcher in watched]
    document = {
        "source": {"path": done.source.path, "name": done.source.name},
        "added": done.added,
        "runs": [
            {**summary.as_dict(), "path": str(run.source), "tags": list(watcher.history.tags)}
            for run, summary, watcher in found
        ],
    }
    count = f"{len(found)} run" + ("" if len(found) == 1 else "s")
    head = f"{done.source.path} holds {count}; " + (
        "an entry [[sources]] in config.toml names it now." if done.added else "config.toml names it already."
    )
    rows = [_row(run.source, summary, len(watcher.history.tags)) for run, summary, watcher in found]
    text = f"{head}\n\n{table(('run', 'written by', 'state', 'phase', 'step', 'curves', 'path'), rows)}"
    emit(finite(document), text, as_json=as_json)


def _row(source: Path, summary: RunSummary, tags: int) -> tuple[object, ...]:
    where = summary.progress
    phase = where.phase if where.transitions or where.phase_end_step else "–"
    return summary.name, summary.spec.preset, summary.status.state, phase, steps(where.step), tags, source
