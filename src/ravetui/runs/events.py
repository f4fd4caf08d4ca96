"""What happened to a run, one JSON object a line: for people, grep and us."""

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ravetui.runs.checked_line import checked_line, read_lines, write_line

KINDS = (
    "created",
    "started",
    "computing",
    "timed",
    "phase",
    "validated",
    "sampled",
    "saved",
    "scored",
    "rated",
    "unsaved",
    "warned",
    "skipped",
    "stopped",
    "finished",
    "failed",
)


@dataclass(frozen=True)
class Event:
    """One line of ``events.jsonl``."""

    time: float
    """Unix time, seconds."""
    kind: str
    """One of :data:`KINDS`."""
    attempt: int
    """Which attempt wrote it; 0: none."""
    fields: dict[str, Any]
    """What else is known, such as ``step`` or ``reason``."""


def append_event(path: Path, kind: str, *, attempt: int = 0, **fields: Any) -> None:
    """Append one event: one write, synced, so that two writers never mix their lines.

    A value that is not finite is kept as null. After a torn line a new one is begun, so that only the torn one is lost.

    Raises:
        OSError: The disk is full; what was written of the line is passed over by readers.
    """
    write_line(path, event_line(kind, attempt=attempt, **fields))


def event_line(kind: str, *, attempt: int, **fields: Any) -> bytes:
    """One event as it is written, of the present time."""
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is not a kind of event")
    fields = {key: None if isinstance(v, float) and not math.isfinite(v) else v for key, v in fields.items()}
    return checked_line({"time": round(time.time(), 3), "event": kind, "attempt": attempt, **fields})


def read_events(path: Path) -> list[Event]:
    """Every whole event, oldest first; a torn or damaged line is passed over."""
    try:
        lines = read_lines(path)
    except FileNotFoundError:
        return []
    return [event for fields in lines if (event := _event(fields)) is not None]


def _event(fields: dict[str, Any]) -> Event | None:
    try:
        return Event(fields.pop("time"), fields.pop("event"), fields.pop("attempt"), fields)
    except KeyError:
        return None
