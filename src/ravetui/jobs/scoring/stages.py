"""How far a scoring is, and how long it still takes, from how its stages were shared out the last time."""

import time
from collections.abc import Callable, Mapping

from ravetui.jobs.scoring.request import Progress
from ravetui.runs.format import duration

USUAL = {"scored": 6.0, "originals": 1.0, "reference": 1.0, "training": 2.0, "comparing": 1.0}
"""Seconds of each stage before any was timed: only their ratios matter."""
WORDS = {
    "scored": "rendering and embedding",
    "originals": "embedding the originals",
    "reference": "embedding the reference",
    "training": "embedding training audio",
    "comparing": "comparing",
}
_SURE = 0.05
"""The part that must be done before the rest is estimated."""


class Stages:
    """Stages one after another.

    Args:
        report: Told the whole's fraction and a note.
        expected: Seconds of each stage the last time; a stage that is missing takes its usual share.
        clock: Seconds.
    """

    def __init__(
        self, report: Progress, expected: Mapping[str, float], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._report, self._clock = report, clock
        self._weights = {**USUAL, **{name: max(value, 1e-3) for name, value in expected.items() if name in USUAL}}
        self._done = 0.0
        self._stage = ""
        self._began = self._since = clock()
        self.seconds: dict[str, float] = {}
        """How long each stage took."""

    def begin(self, stage: str) -> Callable[[float], None]:
        """Begin a stage; returns what is to be told its fraction."""
        self.end()
        self._stage, self._since = stage, self._clock()
        self._told(0.0)
        return self._told

    def end(self) -> None:
        """The stage that was begun is over."""
        if self._stage:
            self.seconds[self._stage] = round(self._clock() - self._since, 3)
            self._done += self._weights[self._stage]
            self._stage = ""

    def _told(self, fraction: float) -> None:
        done = (self._done + self._weights[self._stage] * fraction) / sum(self._weights.values())
        words = WORDS[self._stage]
        if done > _SURE:
            left = (self._clock() - self._began) * (1 - done) / done
            words = f"{duration(max(left, 1.0) if left < 9.95 else left).replace('.0 s', ' s')} left · {words}"
        self._report(done, words)
