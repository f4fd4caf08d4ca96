"""One table of a run over all its attempts: which records still count, and columns of them that grow."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.journal import standing
from ravetui.runs.journal_file import JournalFile
from ravetui.runs.record_format import Records, count_whole, record_type
from ravetui.runs.series.growing import Growing
from ravetui.runs.series.values import Column

_FIRST_TAIL = 512


@dataclass
class _Span:
    """Neighbouring records of one file that still count."""

    file: JournalFile
    start: int
    end: int


class Table:
    """Follows a table. Nothing is read of it before somebody wants to know something, and no column that nobody wants.

    An attempt that resumed from step S supersedes what earlier ones wrote after S; a rewind takes back what its own
    attempt wrote after its step.

    Args:
        columns: Names of its values today; one that an older version did not write is NaN.
    """

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._names = columns
        self.files: list[JournalFile] = []
        self._columns: dict[str, Column] = {}
        self._step, self._time = Growing(np.int32), Growing(np.float64)
        self._spans: list[_Span] = []
        self._followed: list[JournalFile] | None = None
        """Whose records the columns hold, oldest first; None as long as nothing has been read."""
        self._merged: Records | None = None

    def look(self) -> bool:
        """See whether there is more of it; True if there may be.

        Raises:
            RunError: A journal is not of this version.
        """
        grown = [file for file in self.files if file.look()]
        if not grown:
            return False
        self._merged = None
        if self._followed is not None and any(file in self._followed[:-1] for file in grown):
            # A trainer appends to the newest attempt. Where a copy brought more of an older one, all is read anew.
            self._forget()
        return True

    def column(self, name: str) -> Column:
        """One column of the records that count, appended to up to now."""
        return self.several([name])[name]

    def several(self, names: Iterable[str]) -> dict[str, Column]:
        """Columns, read from the files together if they have not been read yet."""
        missing = {name: Column() for name in names if name not in self._columns}
        if self._followed is None:
            self._columns |= missing
            self._begin()
        else:
            self._fill(missing)
        self._append()
        return {name: self._columns[name] for name in names}

    def release(self, keep: Iterable[str] = ()) -> None:
        """Let go of the columns except these, and without any of the rest too; they are read again when wanted."""
        kept = {name: column for name, column in self._columns.items() if name in set(keep)}
        if kept:
            self._columns = kept
        else:
            self._forget()

    @property
    def step(self) -> Growing:
        """The step of each record that counts; only after :meth:`several`."""
        return self._step

    @property
    def time(self) -> Growing:
        """The time of each record that counts, Unix seconds; only after :meth:`several`."""
        return self._time

    def records(self) -> Records:
        """Every record that counts, in order of step."""
        if self._merged is None:
            self.several([])
            parts = [_conform(span.file.one(span.start, span.end), self._names) for span in self._spans]
            self._merged = np.concatenate(parts) if parts else np.empty(0, dtype=record_type(self._names))
        return self._merged

    def newest(self, count: int) -> Records:
        """The newest ``count`` records that count, in order of step, read from the end of the files alone."""
        parts: list[Records] = []
        limit: int | None = None
        for file in reversed(self._begun):
            found = _newest_of(file, count - sum(map(len, parts)), limit)
            parts.append(_conform(found, self._names))
            limit = file.from_step if limit is None else min(limit, file.from_step)
            if sum(map(len, parts)) >= count:
                break
        return np.concatenate(parts[::-1]) if parts else np.empty(0, dtype=record_type(self._names))

    @property
    def _begun(self) -> list[JournalFile]:
        return [file for file in self.files if file.columns]

    def _forget(self) -> None:
        self._columns = {}
        self._step, self._time = Growing(np.int32), Growing(np.float64)
        self._spans, self._followed, self._merged = [], None, None

    def _begin(self) -> None:
        """Make room for all there is."""
        self._followed = []
        room = sum(file.written for file in self._begun)
        for file in self.files:
            file.whole = 0
        for growing in (self._step, self._time):
            growing.reserve(room + room // 64)
        for column in self._columns.values():
            column.reserve(room + room // 64)

    def _append(self) -> None:
        """Take over what is new."""
        assert self._followed is not None
        begun = self._begun
        if self._followed != begun[: len(self._followed)]:
            names = list(self._columns)
            self._forget()
            self._columns = {name: Column() for name in names}
            self._begin()
        assert self._followed is not None
        if self._followed:
            self._follow(self._followed[-1])
        for file in begun[len(self._followed) :]:
            if self._followed:
                self._cut(int(np.searchsorted(self._step.view, file.from_step, "right")))
            self._followed.append(file)
            self._follow(file)

    def _follow(self, file: JournalFile) -> None:
        """Take over what is new in a file, rewinds obeyed."""
        first = next((self._place(span) for span in self._spans if span.file is file), len(self._step))
        for records in file.fresh():
            start = file.whole - len(records)
            begin = 0
            for rewind in np.flatnonzero(np.isnan(records["time"])).tolist():
                self._take(file, start, records[begin:rewind], begin)
                own = self._step.view[first:]
                self._cut(first + int(np.searchsorted(own, records["step"][rewind], "right")))
                begin = rewind + 1
            self._take(file, start, records[begin:], begin)

    def _take(self, file: JournalFile, start: int, records: Records, begin: int) -> None:
        if not len(records):
            return
        start += begin
        last = self._spans[-1] if self._spans else None
        if last is not None and last.file is file and last.end == start:
            last.end = start + len(records)
        else:
            self._spans.append(_Span(file, start, start + len(records)))
        step = records["step"]
        if self._step.view.dtype == np.int32 and int(step.max()) > np.iinfo(np.int32).max:
            wider = Growing(np.int64)
            wider.extend(self._step.view)
            self._step = wider
        self._step.extend(step)
        self._time.extend(records["time"])
        for name, column in self._columns.items():
            column.extend(_values(records, name))

    def _fill(self, fresh: dict[str, Column]) -> None:
        """Read more columns of the records that are known already; their checksums have been looked at."""
        for column in fresh.values():
            column.reserve(len(self._step) + len(self._step) // 64)
        for span in self._spans if fresh else []:
            for records in span.file.read(span.start, span.end):
                for name, column in fresh.items():
                    column.extend(_values(records, name))
        if any(len(column) != len(self._step) for column in fresh.values()):
            raise FileNotFoundError(f"a journal with {', '.join(fresh)} has become shorter")
        self._columns |= fresh

    def _place(self, wanted: _Span) -> int:
        """The number of a span's first record among all that count."""
        before = 0
        for span in self._spans:
            if span is wanted:
                break
            before += span.end - span.start
        return before

    def _cut(self, count: int) -> None:
        if count >= len(self._step):
            return
        for growing in (self._step, self._time):
            growing.cut(count)
        for column in self._columns.values():
            column.cut(count)
        while self._spans and (place := self._place(self._spans[-1])) >= count:
            self._spans.pop()
        if self._spans:
            self._spans[-1].end = self._spans[-1].start + count - place


def _newest_of(file: JournalFile, count: int, limit: int | None) -> Records:
    """The newest records of one file that count, at most ``count``, in order of step.

    Args:
        file: The file.
        count: How many are wanted.
        limit: The step after which later attempts supersede this one.
    """
    end, reach = file.written, max(count, 1)
    while True:
        start = max(end - reach, 0)
        records = file.one(start, end)
        good = count_whole(records)
        if good < len(records):
            end = start + good
            records = records[:good]
        found = standing(records)
        if limit is not None:
            found = found[found["step"] <= limit]
        if len(found) >= count or start == 0:
            return found[max(len(found) - count, 0) :]
        reach = max(4 * reach, _FIRST_TAIL)


def _values(records: Records, name: str) -> NDArray[Any]:
    names = records.dtype.names or ()
    return records[name] if name in names else np.full(len(records), np.nan, dtype=np.float32)


def _conform(records: Records, columns: tuple[str, ...]) -> Records:
    """The records with today's columns; one that an older version did not write is NaN."""
    wanted = record_type(columns)
    if records.dtype == wanted:
        return records
    made = np.zeros(len(records), dtype=wanted)
    for name in made.dtype.names or ():
        made[name] = records[name] if name in (records.dtype.names or ()) else np.nan
    return made
