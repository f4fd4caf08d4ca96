"""One TensorBoard event file, followed while it grows."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.foreign.column import Column
from ravetui.runs.foreign.crc import masked
from ravetui.runs.foreign.message import EventMessage, Value, read_event, strings, varints
from ravetui.runs.foreign.record_chain import FOOTER, HEAD, HEADER, LARGE, find_header, footers, is_whole, walk
from ravetui.runs.foreign.scalars import read_many

SMALLEST, BLOCK = 1 << 16, 1 << 23
"""Bytes read at once: little after a large record, more and more where small ones follow one another."""


@dataclass(frozen=True)
class Clip:
    """A recorded sound: where its bytes lie in the file, and what its event says of it."""

    file: Path
    tag: str
    number: int
    """The event's step; acids-rave counts validations there."""
    time: float
    record: int
    """Where the record begins in the file."""
    start: int
    """Where the sound begins in the record's payload."""
    length: int


class EventFile:
    """The numbers, texts and sounds of one file.

    A record that is not whole yet is looked at again later, and so is the last one when its checksum is wrong. A
    damaged one that others follow is named in ``damage`` and passed over. Sounds are not read here, and their
    checksums are compared when somebody wants to hear them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.forget()

    def forget(self) -> None:
        """Begin anew, as with another file of that name."""
        self.columns: dict[str, Column] = {}
        self.clips: list[Clip] = []
        self.texts: dict[str, str] = {}
        self.damage: list[str] = []
        self.restarts: list[int] = []
        """Steps from which on the writer took back what was written before."""
        self.begun: float | None = None
        """Unix time of the first event, seconds."""
        self.changed: float | None = None
        """When the file was written last; Unix time, seconds."""
        self._fresh_restarts: list[tuple[int, int]] = []
        self._offset = 0
        self._mark: tuple[int, int, int] | None = None
        self._searched = 0

    @property
    def has_grown(self) -> bool:
        """Whether the file is another than at the last look; nothing is read."""
        try:
            found = self.path.stat()
        except OSError:
            return False
        return (found.st_ino, found.st_size, found.st_mtime_ns) != self._mark

    def poll(self) -> bool:
        """Read what has been appended; True if there was anything."""
        try:
            found = self.path.stat()
        except OSError:
            return False
        mark = (found.st_ino, found.st_size, found.st_mtime_ns)
        if mark == self._mark:
            return False
        if self._mark is not None and (mark[0] != self._mark[0] or mark[1] < self._mark[1]):
            self.forget()
        self._mark, self.changed = mark, found.st_mtime
        before = self._offset
        try:
            with self.path.open("rb", buffering=0) as file:
                self._follow(_Stretches(file, found.st_size))
        except OSError:
            self._mark = None
        return self._offset > before

    def _follow(self, stretches: "_Stretches") -> None:
        block = SMALLEST
        while self._offset + HEADER <= stretches.size:
            content = stretches.read(self._offset, block)
            chain = walk(content, stretches.size - self._offset)
            used = self._take(content, chain.start, chain.length, last=self._offset + chain.after >= stretches.size)
            self._offset += used
            if used < chain.after:
                return
            if chain.damaged:
                if not self._search(stretches):
                    return
            elif used == 0 and (block >= BLOCK or len(content) == stretches.size - self._offset):
                return
            block = SMALLEST if chain.after > len(content) else min(block * 4, BLOCK)

    def _take(self, content: bytes, start: NDArray[np.int64], length: NDArray[np.int64], *, last: bool) -> int:
        """Keep what these records say; how many bytes are done with."""
        whole = start + length + FOOTER <= len(content)
        small = np.flatnonzero(whole & (length <= LARGE))
        stored = footers(content, start[small], length[small])
        read = read_many(content, start[small], length[small], stored)
        wrong = small[read.damaged].tolist()
        for batch in read.batches:
            self.columns.setdefault(batch.tag, Column()).add(small[batch.order], batch.step, batch.time, batch.value)
        singly = set(small[read.rest].tolist()) | set(np.flatnonzero(~(whole & (length <= LARGE))).tolist())
        crc = dict(zip(small.tolist(), stored.tolist(), strict=True))
        for number in sorted(singly):
            begin, size = int(start[number]), int(length[number])
            if number in crc and masked(content[begin : begin + size]) != crc[number]:
                wrong.append(number)
            else:
                self._read_one(content[begin : begin + min(size, HEAD if size > LARGE else size)], number, begin)
        done = int(start[-1] + length[-1] + FOOTER) if len(start) else 0
        if last and len(start) and len(start) - 1 in wrong:
            # The end of a file may have been lengthened before it was filled.
            wrong.remove(len(start) - 1)
            done = int(start[-1]) - HEADER
        for number in sorted(wrong):
            self._damaged(self._offset + int(start[number]) - HEADER, int(length[number]) + HEADER + FOOTER)
        for column in self.columns.values():
            column.settle(self._fresh_restarts)
        self._fresh_restarts = []
        return done

    def _read_one(self, content: bytes, order: int, begin: int) -> None:
        try:
            event = read_event(content)
        except (ValueError, IndexError):
            self._damaged(self._offset + begin - HEADER, len(content))
            return
        if self.begun is None:
            self.begun = event.time
        if event.starts and event.step > 0:
            self.restarts.append(event.step)
            self._fresh_restarts.append((order, event.step))
        for value in event.values:
            self._keep(content, event, value, order, begin)

    def _keep(self, content: bytes, event: EventMessage, value: Value, order: int, begin: int) -> None:
        if value.kind == "audio":
            record = self._offset + begin - HEADER
            self.clips.append(Clip(self.path, value.tag, event.step, event.time, record, value.start, value.length))
        elif value.kind == "text":
            if value.start + value.length <= len(content):
                said = [text.decode("utf-8", "replace") for text in strings(content, value)]
                self.texts[value.tag] = "\n".join(said)
        elif value.kind == "varint":
            numbers = varints(content, value.start, value.start + value.length)
            if len(numbers) == 1:
                self._one(value.tag, event, order, float(numbers[0]))
        elif value.kind:
            number = np.frombuffer(content, value.kind, 1, value.start)[0]
            self._one(value.tag, event, order, float(number))

    def _one(self, tag: str, event: EventMessage, order: int, number: float) -> None:
        column = self.columns.setdefault(tag, Column())
        column.add(np.array([order]), np.array([event.step]), np.array([event.time]), np.array([number]))

    def _damaged(self, place: int, size: int) -> None:
        self.damage.append(f"{size} bytes from byte {place} on are damaged and left out: {self.path.name}")

    def _search(self, stretches: "_Stretches") -> bool:
        """Go on at the next whole record behind one whose length cannot be right; False if there is none yet."""

        def is_record(base: int, place: int, length: int) -> bool:
            size = HEADER + length + FOOTER
            return base + place + size <= stretches.size and is_whole(stretches.read(base + place, size))

        position = max(self._offset + 1, self._searched - HEADER)
        while position + HEADER <= stretches.size:
            content = stretches.read(position, BLOCK)
            found = find_header(content, partial(is_record, position))
            if found is not None:
                self._damaged(self._offset, position + found - self._offset)
                self._offset = position + found
                return True
            self._searched = position + len(content)
            position += max(len(content) - HEADER, 1)
            if len(content) < BLOCK:
                break
        return False


class _Stretches:
    """Parts of an open file, as it was when it was looked at."""

    def __init__(self, file: object, size: int) -> None:
        self._file = file
        self.size = size

    def read(self, start: int, length: int) -> bytes:
        """At most so many bytes from a place on."""
        file = self._file
        file.seek(start)  # type: ignore[attr-defined]
        content: bytes = file.read(min(length, self.size - start))  # type: ignore[attr-defined]
        return content
