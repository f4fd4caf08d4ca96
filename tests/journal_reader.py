"""Everything that one journal file says, as the table that reads it in blocks is given it."""

from pathlib import Path

import numpy as np

from ravetui.runs.journal_file import JournalFile
from ravetui.runs.record_format import Records, record_type


class JournalReader:
    """Follows one journal file while it grows, and keeps all of it: :class:`JournalFile` with a memory.

    ``poll`` reads what is new; everything read so far is ``records``. It stops at the first record whose checksum is
    wrong and looks at it again next time: a torn record may still be completed. A file of zeros, which a power cut may
    leave, is one that has not begun.
    """

    def __init__(self, path: Path) -> None:
        self._file = JournalFile(path)
        self._buffer: Records = np.empty(0, dtype=record_type(()))
        self._count = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the values; empty while the file has not begun."""
        return self._file.columns

    @property
    def from_step(self) -> int:
        """The step this attempt resumed from."""
        return self._file.from_step

    @property
    def attempt(self) -> int:
        """Number of the attempt."""
        return self._file.attempt

    @property
    def records(self) -> Records:
        """Every whole record so far, a view."""
        return self._buffer[: self._count]

    def poll(self) -> bool:
        """Read what has been appended; True if there was anything.

        Raises:
            RunError: The file is not a journal of this version.
        """
        self._file.look()
        before = self._count
        if self._buffer.dtype != self._file.kind:
            self._buffer = np.empty(256, dtype=self._file.kind)
        for fresh in self._file.fresh():
            self._keep(fresh)
        return self._count > before

    def _keep(self, fresh: Records) -> None:
        needed = self._count + len(fresh)
        if needed > len(self._buffer):
            larger = np.empty(max(needed, 2 * len(self._buffer)), dtype=self._buffer.dtype)
            larger[: self._count] = self.records
            self._buffer = larger
        self._buffer[self._count : needed] = fresh
        self._count = needed
