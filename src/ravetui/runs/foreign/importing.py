"""Adding a folder of another program to a workspace: an entry ``[[sources]]`` in config.toml."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from ravetui.config import FILE, SOURCES, Source, read_config
from ravetui.errors import ConfigError, RunError
from ravetui.runs.foreign.folder import ForeignFolder
from ravetui.runs.foreign.sources import look_into, runs_in, source_path
from ravetui.runs.workspace import Workspace


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    source: Source
    added: bool
    """False: the folder was a source already."""
    runs: tuple[ForeignFolder, ...]
    """What it holds, under the names they have from now on."""


def import_folder(workspace: Workspace, folder: Path, name: str = "") -> Imported:
    """Show the runs of a folder from now on; nothing is copied, and nothing is written there.

    Args:
        folder: What ``rave train`` wrote, a TensorBoard folder, or one that holds such.
        name: What it is called here; empty: the folder's name.

    Raises:
        RunError: There are no event files in it, or it is the workspace's own.
        ConfigError: ``config.toml`` is damaged or cannot be written.
    """
    path = Path(os.path.abspath(folder))  # noqa: PTH100 (links stay links: they may be all that is stable)
    if not path.is_dir():
        raise RunError("No such folder", f"{path} is not a folder.", "Give the folder that the runs lie in.")
    if not list(runs_in(path)):
        raise RunError(
            "Nothing to import",
            f"{path} has no TensorBoard event files, nor has any folder below it.",
            "Give what `rave train` wrote, or the folder that `tensorboard --logdir` takes.",
        )
    known = read_config(workspace.root / FILE).sources
    same = [item for item in known if source_path(workspace.root, item.path).resolve() == path.resolve()]
    source = same[0] if same else Source(str(path), name)
    if not same:
        add_source(workspace.root / FILE, source)
    taken = frozenset(run.name for run in workspace.run_folders())
    sources = known if same else (*known, source)
    inside = [run for run in look_into(workspace.root, sources, taken).runs if run.source.is_relative_to(path)]
    if not same:
        # A folder inside of another source is shown twice, as asked: this is about the new rows.
        earlier = {run.name for run in look_into(workspace.root, known, taken).runs}
        inside = [run for run in inside if run.name not in earlier]
    return Imported(source, not same, tuple(inside))


def add_source(path: Path, source: Source) -> None:
    """Add an entry ``[[sources]]`` to ``config.toml``; everything else in it stays as it is, comments too.

    Raises:
        ConfigError: The file is damaged or cannot be written; it is left as it is.
    """
    known = read_config(path).sources
    document: Any = tomlkit.parse(path.read_text("utf-8"))
    entry = tomlkit.table()
    entry.add("path", source.path)
    if source.name:
        entry.add("name", source.name)
    if known:
        document[SOURCES].append(entry)
    else:
        entries = tomlkit.aot()
        entries.append(entry)
        document.append(SOURCES, entries)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(tomlkit.dumps(document), "utf-8")
        beside.chmod(path.stat().st_mode & 0o777)
        beside.replace(path.resolve())
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ConfigError("Config not written", f"{path} cannot be written: {error.strerror}.") from None
