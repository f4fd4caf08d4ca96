"""The numbers of a run over all its attempts, as one sequence of steps."""

from collections.abc import Collection, Iterable

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.folder import RunFolder
from ravetui.runs.journal_file import JournalFile
from ravetui.runs.record_format import Records
from ravetui.runs.series.positions import Positions
from ravetui.runs.series.values import Values
from ravetui.runs.table import Table
from ravetui.runs.tables import NOT_ALWAYS_MEASURED, TABLES, table_of


class Series:
    """One curve: ascending steps, each once; of ``resources`` some not at all and some more often.

    It never changes, and nothing is copied until an array is asked for.

    Args:
        tag: Its name.
        step: Shape (n,), integers.
        time: Unix time, shape (n,), seconds.
        value: Shape (n,).
    """

    def __init__(
        self,
        tag: str,
        step: NDArray[np.int64] | Positions,
        time: NDArray[np.float64],
        value: NDArray[np.float64] | Values,
        *,
        clock: Positions | None = None,
    ) -> None:
        self.tag = tag
        self.steps = step if isinstance(step, Positions) else Positions(step)
        """Where its points stand, shape (n,)."""
        self.time = time
        """Unix time, shape (n,), seconds."""
        self.values = value if isinstance(value, Values) else Values(value)
        """What :attr:`value` is made from, with what is known of its blocks."""
        self._clock = clock

    @property
    def size(self) -> int:
        """How many points."""
        return self.values.size

    @property
    def step(self) -> NDArray[np.int64]:
        """Shape (n,)."""
        return self.steps.base.astype(np.int64, copy=False)

    @property
    def value(self) -> NDArray[np.float64]:
        """Shape (n,)."""
        return self.values.array.astype(np.float64, copy=False)

    @property
    def clock(self) -> Positions:
        """The latest moment up to each point, Unix time, seconds: a clock that was set back must not fold a curve."""
        if self._clock is None:
            self._clock = Positions(np.maximum.accumulate(self.time) if self.size else self.time)
        return self._clock

    def after(self, step: float) -> "Series":
        """The part of it after a step."""
        first = int(self.steps.search(np.array([step]), "right")[0]) if self.size else 0
        return Series(self.tag, self.steps.base[first:], self.time[first:], self.values.array[first:])


class RunHistory:
    """Follows the journals of a run's attempts while they grow.

    An attempt that resumed from step S supersedes what earlier attempts wrote after S: the later attempt is kept.
    """

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self._tables = {name: Table(columns) for name, columns in TABLES.items()}
        self._clocks: dict[str, tuple[object, Positions]] = {}
        self._attempts = 0

    def poll(self, tables: Iterable[str] = tuple(TABLES)) -> bool:
        """Look for what is new in these tables; True if there was anything.

        Raises:
            RunError: A journal is not of this version.
        """
        self._look_for_attempts()
        return sum(self._tables[name].look() for name in tables) > 0

    @property
    def has_grown(self) -> bool:
        """Whether any journal of the newest attempt is longer than at the last look; nothing is read."""
        return any(table.files and table.files[-1].has_grown for table in self._tables.values())

    def records(self, table: str) -> Records:
        """Every record of a table that still counts, in order of step."""
        return self._tables[table].records()

    def newest(self, table: str, count: int) -> Records:
        """The newest ``count`` records of a table that still count, without reading the others."""
        return self._tables[table].newest(count)

    def series(self, tag: str) -> Series:
        """The curve of a tag; empty when nothing has been written yet.

        Raises:
            KeyError: No table has this tag.
        """
        return self.several([tag])[tag]

    def several(self, tags: Collection[str]) -> dict[str, Series]:
        """The curves of some tags; the files of a table are read once for all of them.

        Raises:
            KeyError: No table has one of these tags.
        """
        wanted: dict[str, list[str]] = {}
        for tag in tags:
            table = table_of(tag)
            if table is None:
                raise KeyError(tag)
            wanted.setdefault(table, []).append(tag)
        return {tag: series for name, own in wanted.items() for tag, series in self._read(name, own).items()}

    def release(self, keep: Collection[str] = ()) -> None:
        """Let go of all curves except these; they are read again when they are wanted."""
        for table in self._tables.values():
            table.release(keep)

    def resumed_at(self) -> dict[int, int]:
        """The step each attempt resumed from, by attempt; only attempts that have trained."""
        return {file.attempt: file.from_step for file in self._tables["steps"].files if file.columns}

    def _read(self, name: str, tags: list[str]) -> dict[str, Series]:
        table = self._tables[name]
        columns = table.several(tags)
        step = Positions(table.step.view, token=table.step.token)
        time: NDArray[np.float64] = table.time.view
        if name in NOT_ALWAYS_MEASURED:
            return {tag: _measured(tag, step, time, column.values) for tag, column in columns.items()}
        clock = self._clock(name, table, time)
        return {tag: Series(tag, step, time, column.values, clock=clock) for tag, column in columns.items()}

    def _clock(self, name: str, table: Table, time: NDArray[np.float64]) -> Positions:
        """The times themselves, as long as they ascend."""
        mark = (table.time.token, len(time))
        known = self._clocks.get(name)
        if known is not None and known[0] == mark:
            return known[1]
        ascends = bool((time[1:] >= time[:-1]).all())
        clock = Positions(time, token=table.time.token) if ascends else Positions(np.maximum.accumulate(time))
        self._clocks[name] = (mark, clock)
        return clock

    def _look_for_attempts(self) -> None:
        attempts = self.run.attempt_folders()
        for attempt in attempts[self._attempts :]:
            for name, table in self._tables.items():
                table.files.append(JournalFile(attempt.metrics / f"{name}.bin"))
        self._attempts = len(attempts)


def _measured(tag: str, step: Positions, time: NDArray[np.float64], values: Values) -> Series:
    """The curve without what was not measured."""
    kept = ~np.isnan(values.array)
    return Series(tag, step.base[kept], time[kept], values.array[kept].astype(np.float64))


def read_series(run: RunFolder, tag: str) -> Series:
    """One curve of a run, read from the start.

    Raises:
        KeyError: No table has this tag.
        RunError: A journal is not of this version.
    """
    history = RunHistory(run)
    history.poll([table_of(tag) or "steps"])
    return history.series(tag)
