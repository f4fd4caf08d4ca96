"""Which runs of other programs a workspace shows: what lies in the folders that config.toml names."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ravetui.config import Source
from ravetui.errors import RunError
from ravetui.runs.foreign.folder import (
    ACIDS_RAVE,
    TENSORBOARD,
    ForeignFolder,
    has_events,
    version_folders,
)

DEEPEST = 6
"""So many folders below a source event files are looked for."""
KEPT = "foreign"
"""The folder of a workspace with what is kept of runs of other programs."""


@dataclass(frozen=True)
class Missing:
    """A source in which there is nothing to show, and why."""

    name: str
    path: Path
    title: str
    """In two words."""
    sentence: str


@dataclass(frozen=True)
class Found:
    """What the sources of a workspace hold."""

    runs: tuple[ForeignFolder, ...]
    missing: tuple[Missing, ...]


def look_into(root: Path, sources: tuple[Source, ...], taken: frozenset[str]) -> Found:
    """The runs in these sources, each with a name of its own.

    Args:
        root: The workspace; a source that is not absolute is relative to it.
        sources: Entries ``[[sources]]``.
        taken: Names of the workspace's own runs.
    """
    names = set(taken)
    runs: list[ForeignFolder] = []
    missing: list[Missing] = []
    for source in sources:
        path = source_path(root, source.path)
        name = source.name or path.name
        found = list(runs_in(path))
        if not found:
            title, why = ("empty source", "has no event files") if path.exists() else ("missing source", "is missing")
            said = f"{path} {why}; config.toml names it as a source of other programs' runs."
            missing.append(Missing(_free(name, names), path, title, said))
        for inside, kind in found:
            below = inside.relative_to(path).parts
            own = _free(".".join([name, *below] if source.name or not below else below), names)
            runs.append(ForeignFolder(root / KEPT / own, inside, kind))
    return Found(tuple(runs), tuple(missing))


def source_path(root: Path, path: str) -> Path:
    """Where a source lies."""
    return Path(os.path.normpath(root / Path(path).expanduser()))


def runs_in(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every run below a folder, that folder included: where it lies, and which program wrote it.

    The versions of one run of acids-rave are one run; every other folder with event files in it is a run.
    """
    yield from _runs_in(folder, DEEPEST)


def the_run(found: Found, name: str) -> ForeignFolder | None:
    """The run of that name; None when no source has it.

    Raises:
        RunError: The source of that name has nothing to show.
    """
    for item in found.missing:
        if item.name == name:
            raise RunError("Source not readable", item.sentence, "Mount it, or take the entry out of config.toml.")
    return next((run for run in found.runs if run.name == name), None)


def _runs_in(folder: Path, depth: int) -> Iterator[tuple[Path, str]]:
    if is_acids_rave(folder):
        yield folder, ACIDS_RAVE
        return
    if has_events(folder):
        yield folder, TENSORBOARD
    if depth == 0:
        return
    try:
        inside = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir() and not entry.name.startswith("."))
    except OSError:
        return
    for name in inside:
        yield from _runs_in(folder / name, depth - 1)


def is_acids_rave(folder: Path) -> bool:
    """Whether ``rave train`` wrote a folder: its configuration beside its versions."""
    return (folder / "config.gin").is_file() and any(map(has_events, version_folders(folder)))


def _free(name: str, names: set[str]) -> str:
    """That name, or one with a number when it is taken; it is taken from then on."""
    number, own = 2, name
    while own in names:
        own, number = f"{name}-{number}", number + 1
    names.add(own)
    return own
