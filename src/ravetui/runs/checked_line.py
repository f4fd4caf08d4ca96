"""Files whose lines are JSON objects, each with its own checksum at its end: a torn line is known, and costs itself."""

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_MARK = ', "crc": "'


def checked_line(fields: Mapping[str, Any]) -> bytes:
    """An object as a line with its checksum, its end included."""
    body = json.dumps(fields, ensure_ascii=False)
    return f'{body[:-1]}{_MARK}{zlib.crc32(body.encode()):08x}"}}\n'.encode()


def write_line(path: Path, line: bytes) -> None:
    """Append a line in one write, synced; after a torn line a new one is begun.

    Tried again after a full disk it is there once: of a line that was torn just before its end only that is written.

    Raises:
        OSError: The disk is full; what was written is passed over by readers unless it is whole.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            body = line.removesuffix(b"\n")
            known = size >= len(body) and os.pread(handle, len(body), size - len(body)) == body
            line = b"\n" if known else b"\n" + line
        while line:
            line = line[os.write(handle, line) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Every whole object of a file, oldest first; a torn or damaged line is passed over.

    Raises:
        OSError: The file is missing or cannot be read.
    """
    return (fields for line in path.read_bytes().split(b"\n") if (fields := _parse(line)) is not None)


def _parse(line: bytes) -> dict[str, Any] | None:
    body, mark, tail = line.rpartition(_MARK.encode())
    if not mark or not tail.endswith(b'"}'):
        return None
    body += b"}"
    try:
        if int(tail[:-2], 16) != zlib.crc32(body):
            return None
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
