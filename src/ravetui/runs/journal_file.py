"""One journal file as it grows, read in blocks of bounded size."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ravetui.runs.record_format import Records, count_whole, read_header, record_type

BLOCK_BYTES = 1 << 20
"""What is held of a file at a time while it is read through."""


class JournalFile:
    """Reads one table of one attempt; keeps nothing but its place.

    Attributes:
        columns: Names of the values; empty while the file has not begun.
        from_step: The step this attempt resumed from.
        whole: Records from the first on whose checksums have been looked at, and are right.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.columns: tuple[str, ...] = ()
        self.from_step = 0
        self.attempt = 0
        self.kind = record_type(())
        self.whole = 0
        self._start = 0
        self._size = 0

    @property
    def written(self) -> int:
        """Records that the file has room for, as of the last :meth:`look`."""
        return max(self._size - self._start, 0) // self.kind.itemsize if self.columns else 0

    @property
    def has_grown(self) -> bool:
        """Whether the file is longer than at the last :meth:`look`."""
        try:
            return os.stat(self.path).st_size > self._size  # noqa: PTH116 (several a second)
        except OSError:
            return False

    def look(self) -> bool:
        """Find out how long the file is; True if it has begun or there are records that were not there before.

        Raises:
            RunError: The file is not a journal of this version.
        """
        try:
            size = os.stat(self.path).st_size  # noqa: PTH116 (many at each look)
        except FileNotFoundError:
            return False
        if size == self._size:
            return False
        before, began = self.written, not self.columns
        if began and not self._begin():
            return False
        self._size = size
        return began or self.written > max(before, self.whole)

    def fresh(self) -> Iterator[Records]:
        """Whole records that have not been looked at, in blocks; a block is valid until the next is asked for.

        It ends at the first record whose checksum is wrong, and begins there the next time: a torn record may still be
        completed.
        """
        for records in self._blocks(self.whole, self.written):
            good = count_whole(records)
            self.whole += good
            if good:
                yield records[:good]
            if good < len(records):
                return

    def read(self, start: int, end: int) -> Iterator[Records]:
        """Records ``start`` to ``end`` (not included) again, in blocks; each is valid until the next."""
        return self._blocks(start, end)

    def one(self, start: int, end: int) -> Records:
        """The same in one piece, which stays valid."""
        with self.path.open("rb") as file:
            file.seek(self._start + start * self.kind.itemsize)
            return np.fromfile(file, dtype=self.kind, count=end - start)

    def _blocks(self, start: int, end: int) -> Iterator[Records]:
        if end <= start:
            return
        width = self.kind.itemsize
        buffer: Records = np.empty(min(max(BLOCK_BYTES // width, 1), end - start), dtype=self.kind)
        raw = buffer.view(np.uint8).data
        with self.path.open("rb", buffering=0) as file:
            file.seek(self._start + start * width)
            while start < end:
                wanted = min(len(buffer), end - start)
                found = (file.readinto(raw[: wanted * width]) or 0) // width
                if found:
                    yield buffer[:found]
                if found < wanted:
                    return
                start += found

    def _begin(self) -> bool:
        with self.path.open("rb") as file:
            found = read_header(file, self.path)
        if found is None:
            return False
        header, self._start = found
        self.columns = tuple(header["columns"])
        self.from_step, self.attempt = header["from_step"], header["attempt"]
        self.kind = record_type(self.columns)
        return True
