"""The numbers of a run of another program: what :class:`~ravetui.runs.history.RunHistory` is for one of ours."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.foreign.column import Column
from ravetui.runs.foreign.event_file import EventFile
from ravetui.runs.foreign.folder import ACIDS_RAVE, EVENT_FILES, ForeignFolder
from ravetui.runs.history import Series
from ravetui.runs.journal import Records, record_type
from ravetui.runs.tables import TABLES

PHASE_2_TAGS = ("loss_dis", "pred_real", "pred_fake", "feature_matching", "adversarial")
"""What acids-rave logs from the beginning of its second phase on, and not before."""


class ForeignHistory:
    """Follows the event files of a run while they grow.

    A version of a run of acids-rave supersedes what earlier ones wrote from its first step on, in all tags. Within a
    folder TensorBoard's rule holds: a number supersedes those of its tag that were written before it with its step or
    a later one.
    """

    def __init__(self, run: ForeignFolder) -> None:
        self.run = run
        self.attempts: list[list[EventFile]] = []
        """The event files of each attempt, oldest first."""
        self._files: dict[Path, EventFile] = {}
        self._series: dict[str, Series] = {}
        self._records: dict[str, Records] = {}

    def poll(self, tables: Iterable[str] = ()) -> bool:
        """Read what is new; True if there was anything. Which tables are wanted makes no difference."""
        folders = self.run.event_folders()
        paths = [sorted(folder.glob(EVENT_FILES)) for folder in folders]
        for path in (path for inside in paths for path in inside):
            if path not in self._files:
                self._files[path] = EventFile(path)
        there = [[self._files[path] for path in inside] for inside in paths]
        grown = [file for inside in there for file in inside if file.poll()]
        changed = bool(grown) or there != self.attempts
        self.attempts = there
        if changed:
            self._series.clear()
            self._records.clear()
        return changed

    @property
    def has_grown(self) -> bool:
        """Whether a file of the newest attempt is longer than at the last look; nothing is read."""
        return any(file.has_grown for file in (self.attempts[-1] if self.attempts else ()))

    def several(self, tags: Collection[str]) -> dict[str, Series]:
        """The curves of some tags."""
        return {tag: self.series(tag) for tag in tags}

    def newest(self, table: str, count: int) -> Records:
        """The newest ``count`` records of a table."""
        return self.records(table)[-count:]

    def release(self, keep: Collection[str] = ()) -> None:
        """Let go of all curves except these; they are joined again when they are wanted."""
        self._series = {tag: series for tag, series in self._series.items() if tag in keep}
        self._records.clear()

    @property
    def files(self) -> list[EventFile]:
        """Of all attempts, oldest first."""
        return [file for inside in self.attempts for file in inside]

    @property
    def tags(self) -> tuple[str, ...]:
        """Every tag that has numbers, in the order in which they were first written."""
        begun: dict[str, float] = {}
        for file in self.files:
            for tag, column in file.columns.items():
                if len(column):
                    begun.setdefault(tag, float(column.time[0]))
        return tuple(sorted(begun, key=lambda tag: begun[tag]))

    def series(self, tag: str) -> Series:
        """The curve of a tag, ascending steps, each once; empty when the run has none of it."""
        if tag not in self._series:
            self._series[tag] = self._joined(tag)
        return self._series[tag]

    def records(self, table: str) -> Records:
        """The run's numbers as one of our own tables, in order of step; what it does not log is NaN."""
        if table not in self._records:
            self._records[table] = self._tabulated(table)
        return self._records[table]

    def resumed_at(self) -> dict[int, int]:
        """The step before the first one of each attempt that has numbers, by attempt from 1."""
        firsts = enumerate(self._first_steps(), 1)
        return {number: max(first - 1, 0) for number, first in firsts if first is not None}

    def phase_2_seen(self) -> int | None:
        """The first step at which a tag of the second phase stands; None before."""
        steps = [series.step[0] for series in map(self.series, PHASE_2_TAGS) if len(series.step)]
        return int(min(steps)) if steps else None

    def last_step(self) -> int:
        """The newest step of any tag."""
        return max((int(series.step[-1]) for series in map(self.series, self.tags) if len(series.step)), default=0)

    def _joined(self, tag: str) -> Series:
        parts = list(self._standing(tag))
        if not parts:
            return Series(tag, np.empty(0, np.int64), np.empty(0), np.empty(0))
        step, time, value = (np.concatenate(items) for items in zip(*parts, strict=True))
        kept = _preempted(step)
        return Series(tag, step[kept], time[kept], value[kept])

    def _standing(self, tag: str) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]]:
        limits = self._limits()
        for inside, limit in zip(self.attempts, limits, strict=True):
            for number, file in enumerate(inside):
                column = file.columns.get(tag)
                if column is None:
                    continue
                later = [step for other in inside[number + 1 :] for step in other.restarts]
                kept = column.step < min([limit, *later])
                yield column.step[kept], column.time[kept], column.value[kept]

    def _limits(self) -> list[int]:
        """From which step on later attempts supersede each one."""
        limits, limit = [], int(np.iinfo(np.int64).max)
        for first in reversed(self._first_steps()):
            limits.append(limit)
            limit = limit if first is None else min(limit, first)
        return limits[::-1]

    def _first_steps(self) -> list[int | None]:
        if self.run.kind != ACIDS_RAVE:
            return [None] * len(self.attempts)
        return [min(map(_first, _columns(inside)), default=None) for inside in self.attempts]

    def _tabulated(self, table: str) -> Records:
        columns = TABLES[table]
        if table == "steps":
            return self._steps()
        found = {tag: self.series(tag) for tag in columns if tag in self.tags}
        lead = max(found.values(), key=lambda series: len(series.step), default=None)
        made = _empty(table, 0 if lead is None else len(lead.step))
        if lead is not None:
            made["step"], made["time"] = lead.step, lead.time
        for tag, series in found.items():
            _, here, there = np.intersect1d(made["step"], series.step, assume_unique=True, return_indices=True)
            made[tag][here] = series.value[there]
        return made

    def _steps(self) -> Records:
        """A record at each logged step of the longest tag: where the run was, without how long a step took."""
        lead = max(map(self.series, self.tags), key=lambda series: len(series.step), default=None)
        made = _empty("steps", 0 if lead is None else len(lead.step))
        if lead is not None:
            seen = self.phase_2_seen()
            made["step"], made["time"] = lead.step, lead.time
            made["phase"] = 1.0 if seen is None else np.where(lead.step >= seen, 2.0, 1.0)
        return made


def _columns(files: list[EventFile]) -> list[Column]:
    return [column for file in files for column in file.columns.values() if len(column)]


def _first(column: Column) -> int:
    return int(column.step.min())


def _preempted(step: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the steps, in the order in which they were written, no later one is at or before."""
    kept = np.ones(len(step), np.bool_)
    if len(step) > 1 and (np.diff(step) <= 0).any():
        kept[:-1] = np.minimum.accumulate(step[::-1])[::-1][1:] > step[:-1]
    return kept


def _empty(table: str, count: int) -> Records:
    records: Records = np.zeros(count, record_type(TABLES[table]))
    for tag in TABLES[table]:
        records[tag] = np.nan
    return records
