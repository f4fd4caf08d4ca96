"""One thread that looks at the workspace again and again, and says what it saw."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING

from textual.message import Message

from ravetui.app.messages import Failed, Looked
from ravetui.app.rhythm import Rhythm
from ravetui.errors import RavetuiError, RunError

if TYPE_CHECKING:
    from ravetui.app.reader import WorkspaceReader
    from ravetui.app.snapshot import Gaze, Snapshot


class Looking:
    """The looks of one screen.

    Args:
        reader: Makes what looks; called in the looking thread, for it is half of what there is to import.
        refresh: Time between two looks, seconds.
        say: Takes what was seen, and what went wrong.
    """

    def __init__(self, reader: Callable[[], WorkspaceReader], refresh: float, say: Callable[[Message], object]) -> None:
        self._reader = reader
        self._say = say
        self._refresh = refresh
        self.now = Event()
        """Set to have a look at once."""

    def go_on(self, gaze: Callable[[], Gaze], is_over: Callable[[], bool]) -> None:
        """Look until it is over; say what differs from the last look.

        Args:
            gaze: What the person looks at just now.
            is_over: Whether to end.
        """
        reader = self._reader()
        last: Snapshot | None = None
        rhythm = Rhythm(self._refresh, self.now)
        trouble = ""
        while not is_over():
            self.now.clear()
            # Whatever goes wrong in one look is said once, and the next look is tried all the same.
            try:
                snapshot = reader.look(gaze())
            except Exception as error:
                if trouble != str(error):
                    trouble = str(error)
                    self._say(Failed(readable(error, "Looking at the runs")))
            else:
                trouble = ""
                if snapshot != last:
                    rhythm.show()
                    self._say(Looked(snapshot))
                    reader.prepare()
                last = snapshot
            if trouble or not reader.is_behind:
                rhythm.rest(lambda: reader.has_stirred, calm=reader.is_calm and not trouble)


def readable(error: BaseException, doing: str) -> RavetuiError:
    """An error as a person is told of it; one that nobody has foreseen names its kind."""
    if isinstance(error, RavetuiError):
        return error
    return RunError("Unexpected", f"{doing} failed: {type(error).__name__}: {error}.", "Please report this.")
