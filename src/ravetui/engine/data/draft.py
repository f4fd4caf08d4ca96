"""The samples of a dataset while its files are decoded: each at the place where it is expected to stay."""

import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from ravetui.engine.data.index import BYTES


class Region:
    """Where the samples of one file go; what finds no room there is in a file of its own, all of it.

    Args:
        file: Descriptor of the draft.
        start: Its first byte in there.
        room: Bytes.
        beside: The file of its own, made when it is needed.
    """

    def __init__(self, file: int, start: int, room: int, beside: Path) -> None:
        self._file, self._start, self._room, self._beside = file, start, room, beside
        self._own: int | None = None
        self._written = 0

    @property
    def is_whole(self) -> bool:
        """Whether exactly as much came as was expected."""
        return self._own is None and self._written == self._room

    @property
    def scratch(self) -> Path | None:
        """The file of its own; None where all lies in the draft."""
        return None if self._own is None else self._beside

    def write(self, block: memoryview) -> None:
        """Add samples, interleaved int16.

        Raises:
            OSError: The disk is full.
        """
        content = block.cast("B")
        if self._own is None and self._written + len(content) > self._room:
            self._own = os.open(self._beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
            _write(self._own, os.pread(self._file, self._written, self._start), 0)
        file, start = (self._file, self._start) if self._own is None else (self._own, 0)
        _write(file, content, start + self._written)
        self._written += len(content)

    def close(self, *, discard: bool = False) -> None:
        """No more comes; ``discard``: what came is not needed."""
        if self._own is not None:
            os.close(self._own)
            if discard:
                self._beside.unlink()


class Draft:
    """A file in which several files are decoded at once, and brought to the disk meanwhile.

    Args:
        path: The dataset's ``audio.i16``.
        places: First frame and frames of each file, as expected.
        channels: Of the samples.
    """

    def __init__(self, path: Path, places: Sequence[tuple[int, int]], channels: int) -> None:
        self.path = path
        self._places, self._frame = places, channels * BYTES
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
        self._as_expected = True
        self._lock = threading.Lock()
        self._syncing: Future[None] | None = None
        self._thread = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._thread.shutdown()
        os.close(self._file)
        if kind is None and self._syncing is not None:
            self._syncing.result()

    def region(self, number: int) -> Region:
        """The place of a file."""
        first, frames = self._places[number]
        beside = self.path.with_name(f"{number:06d}.i16")
        return Region(self._file, first * self._frame, frames * self._frame, beside)

    def first(self, number: int) -> int:
        """First frame of a file's place."""
        return self._places[number][0]

    def done(self, region: Region) -> None:
        """Bring what has been decoded to the disk while other files are, as long as all of it can stay."""
        with self._lock:
            self._as_expected &= region.is_whole
            if self._as_expected and (self._syncing is None or self._syncing.done()):
                self._syncing = self._thread.submit(os.fdatasync, self._file)


def _write(file: int, content: bytes | memoryview, at: int) -> None:
    rest = memoryview(content)
    while len(rest):
        count = os.pwrite(file, rest, at)
        rest, at = rest[count:], at + count
