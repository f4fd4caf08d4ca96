"""The hidden folder in which a dataset grows until it is whole."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ravetui.errors import DataError

_LOCK = "lock"
"""A file in the folder that its maker keeps locked: whoever can lock it knows that the maker is gone."""
_MARK = ".preparing-"


@contextlib.contextmanager
def scratch_folder(final: Path) -> Iterator[Path]:
    """A fresh folder beside ``final``, removed at the end unless it has been renamed by then.

    A process that is killed leaves it behind, hidden; the next call removes what the dead have left, of any dataset in
    the same ``data/``.

    Raises:
        DataError: Another process prepares a dataset of the same name right now.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(final.parent)
    others = [path for path in final.parent.glob(f".*{_MARK}*") if _name(path) == final.name]
    if others:
        raise DataError(
            "Being prepared",
            f"Process {others[0].name.rpartition('-')[2]} prepares {final.name!r} right now.",
            "Wait for it, or choose another name.",
        )
    path = final.parent / f".{final.name}{_MARK}{os.getpid()}"
    lock = _claim(path)
    try:
        yield path
    finally:
        if path.exists():
            shutil.rmtree(path, ignore_errors=True)
        else:
            # Published: the lock file has moved along.
            (final / _LOCK).unlink(missing_ok=True)
        os.close(lock)


def remove_leftovers(data_folder: Path) -> None:
    """Remove the folders of preparations whose process is gone."""
    for path in data_folder.glob(f".*{_MARK}*"):
        try:
            lock = os.open(path / _LOCK, os.O_RDWR)
        except OSError:
            # Its maker is about to lock it, or died before it could; removing an empty folder harms neither.
            with contextlib.suppress(OSError):
                path.rmdir()
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(lock)


def _claim(path: Path) -> int:
    """Make the folder and lock it, again if somebody's cleaning took it away in between."""
    while True:
        path.mkdir(exist_ok=True)
        try:
            lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if (path / _LOCK).exists():
                return lock
        except BlockingIOError:
            pass
        os.close(lock)


def _name(path: Path) -> str:
    return path.name[1:].rpartition(_MARK)[0]
