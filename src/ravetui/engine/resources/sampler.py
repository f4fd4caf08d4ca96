"""Looks every ten seconds at what a run uses, beside training, and journals it."""

from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread

FIRST_SECONDS: tuple[float, ...] = (1.0, 2.0, 4.0)
"""Pauses before the first looks: what a run takes is seen soon after it has begun."""
EVERY_SECONDS = 10.0
_PATIENCE = 2.0
"""So long its end waits for a look that is under way, s: a driver that hangs holds up no run."""


class ResourceSampler:
    """A thread that measures and writes until it is closed. Whatever fails in it, training goes on.

    Args:
        measure: Gives a row.
        write: Journals a row.
        tell: Appends an event.
        first: Pauses before the first looks, seconds.
        every: Pause between later ones, seconds.
    """

    def __init__(
        self,
        measure: Callable[[], dict[str, float]],
        write: Callable[[dict[str, float]], None],
        tell: Callable[..., None],
        *,
        first: Sequence[float] = FIRST_SECONDS,
        every: float = EVERY_SECONDS,
    ) -> None:
        self._measure, self._write, self._tell = measure, write, tell
        self._pauses, self._every = list(first), every
        self._ended, self._writing = Event(), Lock()
        self._thread = Thread(target=self._sample, name="resources", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it; nothing is written any more when this returns, even if a look is still under way."""
        with self._writing:
            self._ended.set()
        self._thread.join(_PATIENCE)

    def _sample(self) -> None:
        while not self._ended.wait(self._pauses.pop(0) if self._pauses else self._every):
            try:
                row = self._measure()
                with self._writing:
                    if not self._ended.is_set():
                        self._write(row)
            except Exception as error:  # Whatever it is, training is worth more than knowing what it uses.
                with self._writing:
                    if not self._ended.is_set():
                        self._tell("warned", reason=f"what the run uses is no longer measured: {error}")
                return
