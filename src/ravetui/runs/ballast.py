"""Room that a run keeps for its last words: a file that is let go when the disk is full."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ravetui.runs.folder import RunFolder

SIZE = 1 << 20
"""Bytes: an exit record, a process record and some events take a block or two each, and a journal's rest the others."""
PART = 1 << 16
"""Bytes let go for an event that finds no room."""
LAST = SIZE // 2
"""Bytes that only the end of an attempt may let go."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG})


def is_full(error: BaseException) -> bool:
    """Whether it says that a disk has no room, or does not work for now: what is worth trying again later."""
    return isinstance(error, OSError) and error.errno in _FULL


@contextmanager
def unless_full() -> Iterator[None]:
    """Pass over an error that says that a disk has no room; what was to be written has to be kept."""
    try:
        yield
    except OSError as error:
        if not is_full(error):
            raise


def lay_in(run: RunFolder) -> bool:
    """Fill up the run's ballast; False where there is no room for it."""
    path = _path(run)
    try:
        size = path.stat().st_size if path.exists() else 0
        if size < SIZE:
            with path.open("ab") as file:
                # Not zeros: a file system that compresses would keep no room for them.
                file.write(os.urandom(SIZE - size))
                file.flush()
                os.fsync(file.fileno())
    except OSError:
        return False
    return True


def let_go_of_part(run: RunFolder) -> bool:
    """Make a little room; False when only what is kept for the end is left."""
    path = _path(run)
    try:
        size = path.stat().st_size
        if size <= LAST:
            return False
        os.truncate(path, max(size - PART, LAST))
    except OSError:
        return False
    return True


def let_go(run: RunFolder) -> None:
    """Make all the room there is: nothing but the end of an attempt is left to be written."""
    with suppress(OSError):
        _path(run).unlink()


def _path(run: RunFolder) -> Path:
    return run.path / "ballast"
