"""Locks that live as long as a process does, and no longer."""

import fcntl
import os
import time
from pathlib import Path

PROBE_GRACE = 1.0
"""A reader's probe holds a lock for microseconds; whoever takes one retries this long, seconds."""


def acquire(path: Path, *, inheritable: bool = False, patience: float = PROBE_GRACE) -> int | None:
    """Take the lock at ``path`` and return its file descriptor, or None when another process has it.

    A lock whose file was moved away while we waited for it is not that of ``path`` any more: it counts as another's.

    The lock belongs to the open file description: a child that inherits the descriptor holds it too, and it is free
    only when the last of them is gone. No pid is involved, so neither a reused pid nor a reboot can fool it.

    Args:
        path: The lock file, made if missing.
        inheritable: Whether a started child may inherit it (it must still be named in ``pass_fds``).
        patience: How long to wait for another process, seconds.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(handle)
                return None
            time.sleep(0.01)
        else:
            if not _is_at(handle, path):
                os.close(handle)
                return None
            os.set_inheritable(handle, inheritable)
            return handle


def is_held(path: Path | str) -> bool:
    """Whether any living process holds the lock."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def held(path: Path) -> list[int]:
    """The descriptors of this process for the file at ``path``: what it holds of a lock, its own or inherited."""
    try:
        wanted = path.stat()
    except FileNotFoundError:
        return []
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            same = os.path.samestat(os.fstat(int(entry.name)), wanted)
        except OSError:
            continue  # the one that listed them
        if same:
            found.append(int(entry.name))
    return found


def _is_at(handle: int, path: Path) -> bool:
    """Whether the open file is still the one of this name."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
