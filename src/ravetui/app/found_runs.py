"""The runs of a workspace as their folders' names tell them: what can be shown before any of them has been read."""

import os

from ravetui.app.snapshot import RunRow
from ravetui.runs.lock import is_held
from ravetui.runs.workspace import Workspace


def found_runs(workspace: Workspace) -> tuple[RunRow, ...]:
    """A row for each run of the workspace's own: those with a living process first, then the newest.

    It costs some microseconds a run, and imports nothing that reads one.
    """
    folder = str(workspace.runs)
    found = []
    try:
        names = os.listdir(folder)  # noqa: PTH208 (names only)
    except OSError:
        return ()
    for name in names:
        try:
            created = os.stat(f"{folder}/{name}/spec.toml").st_mtime  # noqa: PTH116 (a thousand at once)
        except OSError:
            continue
        if not name.startswith("."):
            found.append((not is_held(f"{folder}/{name}/live.lock"), -created, name))
    return tuple(RunRow(name, None, unread=True) for _, _, name in sorted(found))
