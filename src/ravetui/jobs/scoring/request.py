"""What is to be scored, and against what."""

from collections.abc import Callable
from dataclasses import dataclass

from ravetui.runs.folder import RunFolder

Progress = Callable[[float, str], None]
"""Told the fraction that is done and what is being done."""


@dataclass(frozen=True)
class ScoreRequest:
    """What is to be judged, and against what."""

    run: RunFolder
    step: int
    embedder: str
    reference: str
    """``validation``, ``train``, a folder of audio files, or ``run:NAME`` for another run's samples."""
    seconds: float
    """At most this much audio of each set, seconds."""
    compat: bool = False
    """Whether the numbers that other tools print are computed too."""
