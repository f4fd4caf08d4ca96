"""Deleted runs: moved aside whole, so that a deletion can be taken back until the trash is emptied."""

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ravetui.errors import RunError
from ravetui.runs.atomic import sync_folder
from ravetui.runs.folder import RunFolder
from ravetui.runs.jobs import list_jobs
from ravetui.runs.lock import acquire
from ravetui.runs.queue import QueueFolder, place_words
from ravetui.runs.state import run_status
from ravetui.runs.workspace import Workspace

_STAMP = "%Y%m%d-%H%M%S"


@dataclass(frozen=True)
class Trashed:
    """A run in the trash."""

    name: str
    """Its name before."""
    path: Path
    deleted: float
    """Unix time, seconds."""

    @property
    def bytes(self) -> int:
        """What emptying the trash of it frees."""
        return sum(path.lstat().st_size for path in self.path.rglob("*") if path.is_file() or path.is_symlink())


def list_trash(workspace: Workspace) -> list[Trashed]:
    """What can be restored, newest first."""
    found = filter(None, map(_parse, workspace.trash.glob("*")))
    return sorted(found, key=lambda item: item.path.name, reverse=True)


def delete_run(workspace: Workspace, name: str) -> Trashed:
    """Move a run to the trash.

    Raises:
        RunError: There is no such run, it trains, waits in a queue, ours or SLURM's, or is being worked on.
    """
    folder = QueueFolder(workspace.queue)
    with folder.change():
        run = workspace.run(name)
        queue = folder.read()
        if (place := queue.place(name)) is not None:
            raise RunError("Run is queued", f"{name} is {place_words(queue, place)}.", f"`ravetui run unqueue {name}`.")
        status = run_status(run)
        if status.job is not None and status.state.goes_on:  # Its locks may be on a node whose locks are not seen here.
            remedy = f"Stop it first: `ravetui run stop {name}`."
            raise RunError("Run is live", f"SLURM has a job of {name} ({status.sentence}).", remedy)
        with _alone(run):
            workspace.trash.mkdir(exist_ok=True)
            return _move_aside(workspace, run)


def restore_run(workspace: Workspace, name: str) -> RunFolder:
    """Take the newest run of that name out of the trash; under a free name if it has been taken meanwhile.

    Raises:
        RunError: There is none, or somebody else has just restored it.
    """
    found = next((item for item in list_trash(workspace) if item.name == name), None)
    if found is None:
        names = ", ".join(dict.fromkeys(item.name for item in list_trash(workspace)))
        raise RunError("Not in the trash", f"The trash has no run {name!r}.", f"It has {names}." if names else "")
    for free in _free_names(name):
        final = workspace.runs / free
        if final.exists():
            continue
        try:
            found.path.rename(final)
        except FileNotFoundError:
            raise RunError("Restored already", f"Somebody else has just taken {name} out of the trash.") from None
        except OSError:
            continue  # Made between the look and the move.
        sync_folder(workspace.runs)
        return RunFolder(final)
    raise AssertionError("names never end")


def empty_trash(workspace: Workspace) -> list[Trashed]:
    """Delete for good what is in the trash; returns what that was."""
    gone = list_trash(workspace)
    for item in gone:
        shutil.rmtree(item.path, ignore_errors=True)
    return gone


@contextlib.contextmanager
def _alone(run: RunFolder) -> Iterator[None]:
    """Both locks of a run, so that nobody can start it in here.

    Raises:
        RunError: A process of the run, or a job on it, lives.
    """
    with contextlib.ExitStack() as held:
        for path in (run.supervisor_lock, run.live_lock):
            handle = acquire(path)
            if handle is None:
                raise RunError("Run is live", f"{run.name} trains.", f"Stop it first: `ravetui run stop {run.name}`.")
            held.callback(os.close, handle)
        if job := next((job for job in list_jobs(run) if job.status.state.is_live), None):
            raise RunError("Run in use", f"A {job.kind} of {run.name} is at work.", "Wait until it is done.")
        yield


def _move_aside(workspace: Workspace, run: RunFolder) -> Trashed:
    now = time.time()
    stamp = time.strftime(_STAMP, time.localtime(now))
    # The fraction tells two that were deleted within a second apart.
    final = workspace.trash / f"{stamp}-{int(now % 1 * 1e6):06d}-{run.name}"
    run.path.rename(final)
    sync_folder(workspace.runs)
    sync_folder(workspace.trash)
    return Trashed(run.name, final, now)


def _free_names(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


def _parse(path: Path) -> Trashed | None:
    """What a folder of the trash is, by its name; None for what is no run."""
    words = path.name.split("-", 3)
    try:
        deleted = time.mktime(time.strptime("-".join(words[:2]), _STAMP)) + int(words[2]) / 1e6
        return Trashed(words[3], path, deleted) if words[3] else None
    except (ValueError, IndexError):
        return None
