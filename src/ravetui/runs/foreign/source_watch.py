"""Looks again and again which runs of other programs a workspace shows."""

import time
from pathlib import Path

from ravetui.config import FILE, Source, read_config
from ravetui.errors import ConfigError
from ravetui.runs.folder import RunFolder
from ravetui.runs.foreign.folder import ForeignFolder
from ravetui.runs.foreign.sources import KEPT, Found, look_into, the_run
from ravetui.runs.workspace import Workspace, workspace_above

SCAN_SECONDS = 5.0
"""So long what was found in the sources is taken to be all: a folder of thousands is not walked at each look."""


class SourceWatch:
    """Reads ``[[sources]]`` anew when config.toml has changed, and walks the sources every few seconds."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._mark: object = None
        self._sources: tuple[Source, ...] = ()
        self._walked: tuple[float, frozenset[str], Found] | None = None

    def look(self, taken: frozenset[str]) -> Found:
        """The runs of other programs as they are now.

        Args:
            taken: Names of the workspace's own runs.
        """
        if self._changed():
            self._walked = None
        now, walked = time.monotonic(), self._walked
        if not self._sources:
            return Found((), ())
        if walked is None or walked[1] != taken or now - walked[0] > SCAN_SECONDS:
            walked = self._walked = (now, taken, look_into(self._workspace.root, self._sources, taken))
        return walked[2]

    def _changed(self) -> bool:
        path = self._workspace.root / FILE
        try:
            found = path.stat()
            mark = (found.st_ino, found.st_mtime_ns, found.st_size)
            if mark == self._mark:
                return False
            self._mark, self._sources = mark, read_config(path).sources
        except (OSError, ConfigError):
            # It is being edited: what was there before still holds.
            return False
        return True


def foreign_runs(workspace: Workspace) -> Found:
    """Look once.

    Raises:
        ConfigError: ``config.toml`` is damaged.
    """
    taken = frozenset(run.name for run in workspace.run_folders())
    return look_into(workspace.root, workspace.config.sources, taken)


def foreign_run(workspace: Workspace, name: str) -> ForeignFolder | None:
    """The run of another program with that name; None when there is none.

    Raises:
        RunError: The source of that name has nothing to show.
    """
    return the_run(foreign_runs(workspace), name)


def run_at(path: Path) -> RunFolder:
    """The run whose folder of ours this is: that of another program where it lies in ``foreign/`` of a workspace.

    Raises:
        RunError: The source of that run has nothing to show.
    """
    workspace = workspace_above(path.parent) if path.parent.name == KEPT else None
    found = foreign_run(workspace, path.name) if workspace is not None else None
    return found or RunFolder(path)
