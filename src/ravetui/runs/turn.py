"""Turns: of several processes that want the same thing one at a time has it, in the order in which they asked."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ravetui.runs.lock import acquire, is_held

LOOK_SECONDS = 0.1
"""Between two looks whether it is one's turn, seconds."""


@contextlib.contextmanager
def turn(folder: Path, name: str, waits: Callable[[str], None]) -> Iterator[None]:
    """Wait for a turn, and have it for the length of a ``with`` block; the end of the process ends it too.

    A ticket, a locked file named by the time, keeps the order; one lock decides. A ticket whose process is gone counts
    for nothing.

    Args:
        folder: Made if missing.
        name: What the others are told that they wait for.
        waits: Told the name of who has the turn, each time that it is another.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ticket, handle = _take_ticket(folder)
    try:
        os.write(handle, name.encode())
        lock = _wait(folder, ticket, waits)
        try:
            yield
        finally:
            os.close(lock)
    finally:
        ticket.unlink(missing_ok=True)
        os.close(handle)


def _take_ticket(folder: Path) -> tuple[Path, int]:
    while True:
        path = folder / f"{time.time_ns():020d}-{os.getpid()}.ticket"
        # One that nobody holds yet may be swept away by somebody else, and is then taken anew.
        if (handle := acquire(path)) is not None:
            return path, handle


def _wait(folder: Path, ticket: Path, waits: Callable[[str], None]) -> int:
    told = ""
    while True:
        first = next((path for path in sorted(folder.glob("*.ticket")) if path == ticket or _is_alive(path)), ticket)
        if first == ticket and (lock := acquire(folder / "lock")) is not None:
            return lock
        name = "" if first == ticket else _name(first)
        if name and name != told:
            waits(name)
            told = name
        time.sleep(LOOK_SECONDS)


def _is_alive(ticket: Path) -> bool:
    if is_held(ticket):
        return True
    ticket.unlink(missing_ok=True)
    return False


def _name(ticket: Path) -> str:
    with contextlib.suppress(OSError):
        return ticket.read_text("utf-8", "replace")
    return ""
