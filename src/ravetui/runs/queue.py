"""Which runs of a workspace wait for a slot, and in what order: one file, changed under one lock.

An entry is worth nothing once its run has been started by anybody: it says after how many attempts it was made. So a
dispatcher that dies between starting a run and striking it off starts nothing twice.
"""

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ravetui.errors import RunError
from ravetui.runs.atomic import read_json, write_json
from ravetui.runs.folder import RunFolder
from ravetui.runs.lock import acquire

PATIENCE = 90.0
"""Whoever starts a run holds the lock meanwhile: a tenth of a second, longer on a machine that hardly moves; s."""


@dataclass(frozen=True)
class Entry:
    """A run that waits."""

    run: str
    """Its name."""
    after: int
    """The number of its newest attempt when it was queued; 0: none."""
    queued: float
    """Unix time, seconds."""


@dataclass(frozen=True)
class Queue:
    """The queue at one moment."""

    entries: tuple[Entry, ...] = ()
    """First comes first."""
    held: str = ""
    """Why nothing is started from it just now; empty when runs are."""

    def place(self, run: str) -> int | None:
        """How many come before this run; None when it does not wait."""
        return next((index for index, entry in enumerate(self.entries) if entry.run == run), None)

    def with_entry(self, entry: Entry, place: int | None = None) -> "Queue":
        """The run at this place, or last; it leaves the place that it had."""
        rest = [item for item in self.entries if item.run != entry.run]
        rest.insert(len(rest) if place is None else max(place, 0), entry)
        return replace(self, entries=tuple(rest))

    def without(self, runs: Sequence[str]) -> "Queue":
        """Those runs taken out."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry.run not in runs))


@dataclass(frozen=True)
class QueueFolder:
    """A workspace's ``queue/``.

    Args:
        path: That folder; it is made when somebody first queues.
    """

    path: Path

    @property
    def file(self) -> Path:
        """Who waits."""
        return self.path / "queue.json"

    def read(self) -> Queue:
        """Who waits now. Runs that have been started or deleted since are left out."""
        return _standing(self.path.parent / "runs", _parse(read_json(self.file)))

    @contextlib.contextmanager
    def change(self) -> Iterator["QueueFolder"]:
        """Nobody else changes the queue, or starts a run from it, in here.

        Raises:
            RunError: Somebody else has it and does not let go.
        """
        self.path.mkdir(exist_ok=True)
        handle = acquire(self.path / "queue.lock", patience=PATIENCE)
        if handle is None:
            raise RunError("Queue busy", f"Another process has {self.path} and does not let go.", "Try again.")
        try:
            yield self
        finally:
            os.close(handle)

    def write(self, queue: Queue) -> None:
        """Publish; only inside :meth:`change`."""
        write_json(self.file, asdict(queue))


def queue_of(run: RunFolder) -> QueueFolder:
    """The queue that a run can wait in."""
    return QueueFolder(run.path.absolute().parent.parent / "queue")


def new_entry(run: RunFolder) -> Entry:
    """A run that waits from now on."""
    return Entry(run.name, newest_attempt(run), time.time())


def newest_attempt(run: RunFolder) -> int:
    """The number of its newest attempt; 0: none."""
    attempts = run.attempt_folders()
    return attempts[-1].number if attempts else 0


def place_words(queue: Queue, place: int) -> str:
    """``queued, next`` or ``queued, 3rd``, and why the queue does not move if it does not."""
    nth = place + 1
    suffix = "th" if nth % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(nth % 10, "th")
    words = "queued, next" if place == 0 else f"queued, {nth}{suffix}"
    return f"{words}; the queue is held: {queue.held}" if queue.held else words


def _standing(runs: Path, queue: Queue) -> Queue:
    def waits(entry: Entry) -> bool:
        run = RunFolder(runs / entry.run)
        return run.path.is_dir() and newest_attempt(run) == entry.after

    return replace(queue, entries=tuple(filter(waits, queue.entries)))


def _parse(found: Any) -> Queue:
    """What the file says; a damaged one says nothing."""
    try:
        entries = tuple(Entry(str(item["run"]), int(item["after"]), float(item["queued"])) for item in found["entries"])
        return Queue(entries, str(found["held"]))
    except (TypeError, KeyError, ValueError):
        return Queue()
