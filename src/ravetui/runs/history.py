"""The numbers of a run over all its attempts, as one sequence of steps."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.folder import RunFolder
from ravetui.runs.journal import JournalReader, Records, record_type, standing
from ravetui.runs.tables import NOT_ALWAYS_MEASURED, TABLES, table_of


@dataclass(frozen=True)
class Series:
    """One curve: ascending steps, each once; of ``resources`` some not at all and some more often."""

    tag: str
    step: NDArray[np.int64]
    time: NDArray[np.float64]
    """Unix time, seconds."""
    value: NDArray[np.float64]


class RunHistory:
    """Follows the journals of a run's attempts while they grow.

    An attempt that resumed from step S supersedes what earlier attempts wrote after S: the later attempt is kept.
    """

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self._readers: dict[str, list[JournalReader]] = {name: [] for name in TABLES}
        self._merged: dict[str, Records] = {}
        self._attempts = 0

    def poll(self, tables: Iterable[str] = tuple(TABLES)) -> bool:
        """Read what is new in these tables; True if there was anything.

        Raises:
            RunError: A journal is not of this version.
        """
        self._look_for_attempts()
        changed = False
        for name in tables:
            for reader in self._readers[name]:
                if reader.poll():
                    self._merged.pop(name, None)
                    changed = True
        return changed

    def records(self, table: str) -> Records:
        """Every record of a table that still counts, in order of step."""
        if table not in self._merged:
            self._merged[table] = _merge(self._readers[table], TABLES[table])
        return self._merged[table]

    def series(self, tag: str) -> Series:
        """The curve of a tag; empty when nothing has been written yet.

        Raises:
            KeyError: No table has this tag.
        """
        table = table_of(tag)
        if table is None:
            raise KeyError(tag)
        records = self.records(table)
        if table in NOT_ALWAYS_MEASURED:
            records = records[~np.isnan(records[tag])]
        return Series(tag, records["step"].copy(), records["time"].copy(), records[tag].astype(np.float64))

    def resumed_at(self) -> dict[int, int]:
        """The step each attempt resumed from, by attempt; only attempts that have trained."""
        readers = self._readers["steps"]
        return {reader.attempt: reader.from_step for reader in readers if reader.columns}

    def _look_for_attempts(self) -> None:
        attempts = self.run.attempt_folders()
        for attempt in attempts[self._attempts :]:
            for name, readers in self._readers.items():
                readers.append(JournalReader(attempt.metrics / f"{name}.bin"))
        self._attempts = len(attempts)


def read_series(run: RunFolder, tag: str) -> Series:
    """One curve of a run, read from the start.

    Raises:
        KeyError: No table has this tag.
        RunError: A journal is not of this version.
    """
    history = RunHistory(run)
    history.poll([table_of(tag) or "steps"])
    return history.series(tag)


def _merge(readers: list[JournalReader], columns: tuple[str, ...]) -> Records:
    kept: list[Records] = []
    limit: int | None = None
    for reader in reversed([reader for reader in readers if reader.columns]):
        records = standing(reader.records)
        kept.append(_conform(records if limit is None else records[records["step"] <= limit], columns))
        limit = reader.from_step if limit is None else min(limit, reader.from_step)
    if not kept:
        return np.empty(0, dtype=record_type(columns))
    return kept[0] if len(kept) == 1 else np.concatenate(kept[::-1])


def _conform(records: Records, columns: tuple[str, ...]) -> Records:
    """The records with today's columns; one that an older version did not write is NaN."""
    wanted = record_type(columns)
    if records.dtype == wanted:
        return records
    made = np.zeros(len(records), dtype=wanted)
    for name in made.dtype.names or ():
        made[name] = records[name] if name in (records.dtype.names or ()) else np.nan
    return made
