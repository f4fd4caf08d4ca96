"""A clip as it was asked for."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ravetui.app.sound.report import About

LOWEST_DB, HIGHEST_DB = -60.0, 24.0
"""Gains beyond are cut to these."""


@dataclass(frozen=True)
class Cue:
    """What is to be played, from where, and how."""

    path: Path
    """Absolute."""
    start: float
    """Seconds into the file."""
    about: About
    loop: bool
    gain_db: float
    switch: bool = False
    """From the position where another version plays, without a gap."""

    def command(self, number: int, volume: float) -> dict[str, Any]:
        """What an outlet is told.

        Args:
            number: Of this play.
            volume: Factor beside the gain.
        """
        about = self.about
        return {
            "do": "play",
            "id": number,
            "path": str(self.path),
            "start": self.start,
            "volume": volume * factor(self.gain_db),
            "loop": self.loop,
            "switch": self.switch,
            "title": about.title,
            "run": about.run,
            "step": about.step,
        }


def factor(gain_db: float) -> float:
    """A gain in dB as a factor of the amplitude."""
    return float(10 ** (gain_db / 20))


def bounded(gain_db: float) -> float:
    """The gain that is used for one that was asked for, dB."""
    return min(max(gain_db, LOWEST_DB), HIGHEST_DB)


def absolute(path: Path) -> Path:
    """The path without ``..``, and with links as they were typed."""
    return Path(os.path.abspath(path))  # noqa: PTH100
