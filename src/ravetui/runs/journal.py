"""The binary journal: one file a table and attempt, fixed little-endian records, each with its own checksum.

A file is a header (magic, JSON, crc32) and records of ``i64 step, f64 time, f32 × columns, u32 crc32``. A record is one
``write``: a killed trainer loses nothing that was written. A cut or torn tail is "not yet", never an error.
"""

import errno
import json
import math
import os
import struct
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import RunError
from ravetui.runs.ballast import unless_full

MAGIC = b"RAVETUI1"
SYNC_SECONDS = 1.0
"""A power cut may lose this much; nothing else loses anything."""
_LENGTHS = struct.Struct("<I")

Records = NDArray[np.void]


def record_type(columns: Sequence[str]) -> np.dtype[np.void]:
    """The packed type of one record of these columns."""
    fields = [("step", "<i8"), ("time", "<f8"), *((name, "<f4") for name in columns), ("crc", "<u4")]
    return np.dtype(fields)


class JournalWriter:
    """Appends records of one table of one attempt; the file must be new.

    Args:
        path: ``attempts/NNNN/metrics/<table>.bin``.
        columns: Names of the values, the tags of their curves.
        from_step: The step this attempt resumed from: its first record is a later one.
        attempt: Number of the attempt.

    Raises:
        FileExistsError: Another process wrote this attempt already.
    """

    def __init__(self, path: Path, columns: Sequence[str], *, from_step: int, attempt: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._columns = len(columns)
        self._record = struct.Struct(f"<qd{len(columns)}f")
        self._owed = bytearray()
        self._lock = Lock()
        self._synced = time.monotonic()
        self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
        header = json.dumps({"columns": list(columns), "from_step": from_step, "attempt": attempt}).encode()
        self._write(MAGIC + _LENGTHS.pack(len(header)) + header + _LENGTHS.pack(zlib.crc32(header)))

    def append(self, step: int, when: float, values: Sequence[float]) -> None:
        """Write one record: a step, a Unix time in seconds, one value a column.

        On a full disk it is kept in memory, and written in its turn as soon as there is room.

        Raises:
            OSError: It cannot be written, and more room would not help.
        """
        body = self._record.pack(step, when, *values)
        self._write(body + _LENGTHS.pack(zlib.crc32(body)))
        if time.monotonic() - self._synced > SYNC_SECONDS:
            self._synced = time.monotonic()
            with unless_full():
                os.fdatasync(self._handle)

    def rewind(self, step: int) -> None:
        """Say that what this attempt wrote after ``step`` counts no more; see :func:`standing`."""
        self.append(step, math.nan, [math.nan] * self._columns)

    def sync(self) -> None:
        """Make everything survive a power cut; any thread may call it.

        Raises:
            OSError: The disk is full: something is still in memory.
        """
        self._write(b"")
        if self._owed:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fdatasync(self._handle)

    def close(self) -> None:
        """Sync as far as there is room, and close."""
        with unless_full():
            self.sync()
        os.close(self._handle)

    def _write(self, content: bytes) -> None:
        """Write what is owed and this; what finds no room is owed. The torn record it may leave is completed then."""
        with self._lock, unless_full():
            self._owed += content
            while self._owed:
                del self._owed[: os.write(self._handle, self._owed)]


class JournalReader:
    """Follows one journal file while it grows.

    ``poll`` reads what is new; everything read so far is ``records``. It stops at the first record whose checksum is
    wrong and looks at it again next time: a torn record may still be completed. A file of zeros, which a power cut may
    leave, is one that has not begun.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.columns: tuple[str, ...] = ()
        self.from_step = 0
        self.attempt = 0
        self._offset = 0
        self._buffer: Records = np.empty(0, dtype=record_type(()))
        self._count = 0

    @property
    def records(self) -> Records:
        """Every whole record so far, a view."""
        return self._buffer[: self._count]

    def poll(self) -> bool:
        """Read what has been appended; True if there was anything.

        Raises:
            RunError: The file is not a journal of this version.
        """
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            return False
        if self._offset == 0 and not self._read_header(size):
            return False
        whole = (size - self._offset) // self._buffer.dtype.itemsize
        if whole <= 0:
            return False
        with self.path.open("rb") as file:
            file.seek(self._offset)
            fresh = np.fromfile(file, dtype=self._buffer.dtype, count=whole)
        good = _whole_records(fresh)
        self._keep(fresh[:good])
        self._offset += good * self._buffer.dtype.itemsize
        return good > 0

    def _read_header(self, size: int) -> bool:
        start = len(MAGIC) + _LENGTHS.size
        if size < start:
            return False
        with self.path.open("rb") as file:
            magic, length = file.read(len(MAGIC)), _LENGTHS.unpack(file.read(_LENGTHS.size))[0]
            if not any(magic):
                return False
            if magic != MAGIC or length > 1 << 16:
                raise RunError("Not a journal", f"{self.path} was not written by this version of ravetui.")
            body, crc = file.read(length), file.read(_LENGTHS.size)
        if len(crc) < _LENGTHS.size or _LENGTHS.unpack(crc)[0] != zlib.crc32(body):
            return False
        header: dict[str, Any] = json.loads(body)
        self.columns = tuple(header["columns"])
        self.from_step, self.attempt = header["from_step"], header["attempt"]
        self._offset = start + length + _LENGTHS.size
        self._buffer = np.empty(256, dtype=record_type(self.columns))
        return True

    def _keep(self, fresh: Records) -> None:
        needed = self._count + len(fresh)
        if needed > len(self._buffer):
            larger = np.empty(max(needed, 2 * len(self._buffer)), dtype=self._buffer.dtype)
            larger[: self._count] = self.records
            self._buffer = larger
        self._buffer[self._count : needed] = fresh
        self._count = needed


def standing(records: Records) -> Records:
    """The records that no later rewind of the same attempt took back, without the rewinds: their time is NaN."""
    rewinds = np.isnan(records["time"])
    if not rewinds.any():
        return records
    limits = np.where(rewinds, records["step"], np.iinfo(np.int64).max)
    lowest_later = np.minimum.accumulate(limits[::-1])[::-1]
    kept: Records = records[~rewinds & (records["step"] <= lowest_later)]
    return kept


def _whole_records(records: Records) -> int:
    """How many records from the first on have the right checksum."""
    if len(records) < 64:
        width = records.dtype.itemsize
        raw = records.tobytes()
        for number in range(len(records)):
            body = raw[number * width : (number + 1) * width - 4]
            if zlib.crc32(body) != int(records["crc"][number]):
                return number
        return len(records)
    good = 0
    for start in range(0, len(records), 1 << 16):
        chunk = records[start : start + (1 << 16)]
        wrong = np.flatnonzero(_crc32_rows(chunk) != chunk["crc"])
        if len(wrong):
            return good + int(wrong[0])
        good += len(chunk)
    return good


def _crc32_rows(records: Records) -> NDArray[np.uint32]:
    """The crc32 of every record without its last four bytes, a byte column at a time over all records."""
    width = records.dtype.itemsize
    columns = np.ascontiguousarray(records.view(np.uint8).reshape(len(records), width)[:, : width - 4].T)
    crc = np.full(len(records), 0xFFFFFFFF, dtype=np.uint32)
    table = _crc32_table()
    for column in columns:
        crc = table[(crc ^ column) & 0xFF] ^ (crc >> 8)
    return ~crc


def _crc32_table() -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, np.uint32(0xEDB88320) ^ (table >> 1), table >> 1)
    return table
