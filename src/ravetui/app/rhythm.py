"""When to look again: at once when something was written, but not oftener than the screen is meant to change."""

import time
from collections.abc import Callable
from threading import Event

GLANCE = 0.1
"""So often it is seen whether anything was written, seconds; it costs a look at the lengths of a few files."""


class Rhythm:
    """The pace of one reading thread.

    Args:
        refresh: Least time between two changes of the screen, and time between two looks at everything, seconds.
        wanted: Set by others when they want a look at once.
    """

    def __init__(self, refresh: float, wanted: Event) -> None:
        self._refresh = refresh
        self._wanted = wanted
        self._shown = -refresh

    def show(self) -> None:
        """Remember that the screen changes now."""
        self._shown = time.monotonic()

    def rest(self, has_stirred: Callable[[], bool], *, calm: bool = False) -> None:
        """Wait for the next look.

        Args:
            has_stirred: Whether anything was written.
            calm: Nothing lives that could write: looks are half as often, and nothing is glanced at between them.
        """
        if calm:
            self._wanted.wait(2 * self._refresh)
            return
        end = time.monotonic() + self._refresh
        while (left := end - time.monotonic()) > 0:
            if self._wanted.wait(min(GLANCE, left)):
                return
            if time.monotonic() - self._shown >= self._refresh and has_stirred():
                return
