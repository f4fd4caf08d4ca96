"""The events of one process that must not be lost on a full disk."""

from threading import Lock
from typing import Any

from ravetui.runs import ballast
from ravetui.runs.checked_line import write_line
from ravetui.runs.events import event_line
from ravetui.runs.folder import RunFolder


class EventLog:
    """Appends events; those that find no room wait in memory and are written, in order, as soon as there is some.

    It may be used from several threads.

    Args:
        attempt: Who writes.
    """

    def __init__(self, run: RunFolder, attempt: int) -> None:
        self._run = run
        self._attempt = attempt
        self._lock = Lock()
        self._waiting: list[bytes] = []

    def append(self, kind: str, **fields: Any) -> None:
        """Append one event; see :func:`ravetui.runs.events.append_event`.

        Raises:
            OSError: It cannot be written, and more room would not help.
        """
        with self._lock:
            self._waiting.append(event_line(kind, attempt=self._attempt, **fields))
        self.flush()

    def flush(self) -> bool:
        """Write what waits, if the disk lets us; whether nothing waits any more.

        Raises:
            OSError: It cannot be written, and more room would not help.
        """
        with self._lock:
            while self._waiting:
                try:
                    write_line(self._run.events, self._waiting[0])
                except OSError as error:
                    if not ballast.is_full(error):
                        raise
                    if not ballast.let_go_of_part(self._run):
                        return False
                else:
                    del self._waiting[0]
            return True
