"""By how much each clip is made louder or softer, so that versions are compared at the same loudness."""

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np

from ravetui.app.sound.source import read_beginning
from ravetui.errors import SoundError
from ravetui.metrics.loudness import loudness

TARGET = -23.0
"""LUFS at which matched clips are heard: EBU R 128, low enough that few peaks stand in the way."""
CEILING = -1.0
"""No peak is raised above this, dB of full scale."""
MOST_DOWN = 15.0
"""For the sake of one version the others are not played softer than this below :data:`TARGET`, dB."""
MOST_SECONDS = 120.0
"""Of a longer clip the beginning is measured."""
_KEPT = 512


@dataclass(frozen=True)
class Level:
    """What was measured of a clip."""

    loudness: float | None
    """LUFS; None: silence."""
    peak: float
    """Largest amplitude, 1: full scale."""

    @property
    def gain_db(self) -> float:
        """What brings it to :data:`TARGET`, or as near as its peaks allow, dB; 0 for silence."""
        if self.loudness is None or self.peak <= 0:
            return 0.0
        return min(TARGET - self.loudness, max(CEILING - 20 * math.log10(self.peak), 0.0))


class Levels:
    """Measures clips, each once as long as its file stays the same. It may be used from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[object, Level] = OrderedDict()

    def gain_db(self, path: Path, among: Sequence[Path] = (), *, raised: bool = True) -> float:
        """The gain for a file, dB; 0 for one that cannot be read: whoever plays it says why.

        Args:
            path: The file.
            among: Versions that are compared with it: where one of them cannot be brought to :data:`TARGET`, all of
                them are as loud as that one can be, within :data:`MOST_DOWN`.
            raised: Whether whatever plays can make a file louder than it is; a browser cannot.
        """
        level = self._level(path)
        if level is None or level.loudness is None:
            return 0.0
        most = math.inf if raised or not among else 0.0
        others = (found for other in among if (found := self._level(other)) is not None)
        reached = [one.loudness + min(one.gain_db, most) for one in (level, *others) if one.loudness is not None]
        return min(reached[0], max(min(reached), TARGET - MOST_DOWN)) - level.loudness

    def _level(self, path: Path) -> Level | None:
        """What was measured of a file; None: it cannot be read."""
        try:
            found = path.stat()
            key = (path, found.st_mtime_ns, found.st_size)
            with self._lock:
                level = self._known.get(key)
            level = level or measure(path)
        except (SoundError, OSError):
            return None
        with self._lock:
            self._known[key] = level
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return level


def measure(path: Path) -> Level:
    """Decode a clip and measure it.

    Raises:
        SoundError: It cannot be read.
    """
    audio, rate = read_beginning(path, MOST_SECONDS)
    return Level(loudness(audio.astype(np.float64), rate), float(np.abs(audio).max()))
