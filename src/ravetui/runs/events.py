"""What happened to a run, one JSON object a line: for people, grep and us."""

import json
import math
import os
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    body = json.dumps({"time": round(time.time(), 3), "event": kind, "attempt": attempt, **fields}, ensure_ascii=False)
    return f'{body[:-1]}, "crc": "{zlib.crc32(body.encode()):08x}"}}\n'.encode()


def write_line(path: Path, line: bytes) -> None:
    """Append a line in one write, synced; after a torn line a new one is begun.

    Raises:
        OSError: The disk is full; what was written is passed over by readers unless it is whole.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            line = b"\n" + line
        while line:
            line = line[os.write(handle, line) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def read_events(path: Path) -> list[Event]:
    """Every whole event, oldest first; a torn or damaged line is passed over."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    return [event for line in lines if (event := _parse(line)) is not None]


def _parse(line: bytes) -> Event | None:
    body, mark, tail = line.rpartition(b', "crc": "')
    if not mark or not tail.endswith(b'"}'):
        return None
    body += b"}"
    try:
        if int(tail[:-2], 16) != zlib.crc32(body):
            return None
        fields = json.loads(body)
        return Event(fields.pop("time"), fields.pop("event"), fields.pop("attempt"), fields)
    except (ValueError, KeyError, AttributeError):
        return None
