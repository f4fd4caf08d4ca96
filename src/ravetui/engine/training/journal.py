"""The trainer's journals: one writer a table."""

import time
from collections.abc import Callable, Mapping
from threading import Lock

from ravetui.engine.training.board import Board
from ravetui.engine.training.update import Values
from ravetui.runs.folder import AttemptFolder
from ravetui.runs.journal import JournalWriter
from ravetui.runs.tables import TABLES


class TrainingJournal:
    """Writes what one attempt measures.

    Args:
        tables: Columns of each; none for a rank that does not write.
        board: What writes the same for TensorBoard, if anything does.
    """

    def __init__(
        self,
        attempt: AttemptFolder,
        from_step: int,
        tables: Mapping[str, tuple[str, ...]] = TABLES,
        board: Board | None = None,
    ) -> None:
        self._board = board
        self._attempt = attempt
        self._from_step = from_step
        self._turning = Lock()
        # All tables begin at once: a table that stays empty still says that this attempt resumed at from_step, which
        # is what takes the steps after it away from earlier attempts.
        self._writers = {
            name: JournalWriter(attempt.metrics / f"{name}.bin", columns, from_step=from_step, attempt=attempt.number)
            for name, columns in tables.items()
        }

    def write(self, step: int, values: Values) -> None:
        """Append one row to each table of ``values``.

        Args:
            values: Table to column to value; a table's row is whole.
        """
        now = time.time()
        for table, row in values.items():
            self._writers[table].append(step, now, [row[column] for column in TABLES[table]])
        if self._board is not None:
            self._board.write(step, now, values)

    def sample(self, table: str, step: Callable[[], int], row: Mapping[str, float]) -> None:
        """Append one row of what another thread than training's measures.

        Args:
            step: The present step, asked for when no rewind can come in between: steps never go back in a table.
        """
        with self._turning:
            self._writers[table].append(step(), time.time(), [row[column] for column in TABLES[table]])

    def rewind(self, step: int) -> None:
        """Take back what was written after ``step``, in every table."""
        with self._turning:
            for writer in self._writers.values():
                writer.rewind(step)
        if self._board is not None:
            self._board.rewind(step)

    def sync(self) -> None:
        """Make everything written survive a power cut."""
        for writer in self._writers.values():
            writer.sync()

    def close(self) -> None:
        """Sync and close every table."""
        for writer in self._writers.values():
            writer.close()
        if self._board is not None:
            self._board.close()
