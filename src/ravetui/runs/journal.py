"""The binary journal: one file a table and attempt, fixed little-endian records, each with its own checksum.

A file is a header (magic, JSON, crc32) and records of ``i64 step, f64 time, f32 × columns, u32 crc32``. A record is one
``write``: a killed trainer loses nothing that was written. A cut or torn tail is "not yet", never an error.
"""

import errno
import math
import os
import struct
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from ravetui.runs.ballast import unless_full
from ravetui.runs.record_format import LENGTHS, header_bytes
from ravetui.runs.record_format import Records as Records
from ravetui.runs.record_format import record_type as record_type

SYNC_SECONDS = 1.0
"""A power cut may lose this much; nothing else loses anything."""


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
        self._write(header_bytes(columns, from_step, attempt))

    def append(self, step: int, when: float, values: Sequence[float]) -> None:
        """Write one record: a step, a Unix time in seconds, one value a column.

        On a full disk it is kept in memory, and written in its turn as soon as there is room.

        Raises:
            OSError: It cannot be written, and more room would not help.
        """
        body = self._record.pack(step, when, *values)
        self._write(body + LENGTHS.pack(zlib.crc32(body)))
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


def standing(records: Records) -> Records:
    """The records that no later rewind of the same attempt took back, without the rewinds: their time is NaN."""
    rewinds = np.isnan(records["time"])
    if not rewinds.any():
        return records
    limits = np.where(rewinds, records["step"], np.iinfo(np.int64).max)
    lowest_later = np.minimum.accumulate(limits[::-1])[::-1]
    kept: Records = records[~rewinds & (records["step"] <= lowest_later)]
    return kept
