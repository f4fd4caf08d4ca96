"""What is known of the sound at one moment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ravetui.app.sound.route import Route


@dataclass(frozen=True)
class About:
    """What a clip is, for whoever shows that it sounds."""

    title: str = ""
    run: str = ""
    step: int | None = None


@dataclass(frozen=True)
class PlaybackReport:
    """What is playing now, or how the last clip ended."""

    state: Literal["idle", "playing", "waiting", "failed"]
    """Waiting: it was playing, the laptop does not answer or is gone, and it goes on when the laptop is back."""
    path: Path | None
    """The clip, absolute; None before the first."""
    position_s: float
    """How far into the file it has been heard, s."""
    duration_s: float
    """Length of the file, s; 0 when it is not known."""
    route: Route
    message: str = ""
    """One sentence for the status line: where the sound goes, or why there is none and where the file lies."""
    complete: bool = False
    """Idle because it was heard to its end."""
    fault: Literal["", "file", "device"] = ""
    """What failed."""
    about: About = About()
    """What sounds; it changes in the same report as ``path``."""
    loop: bool = False
    """Whether it begins again at its end."""
    gain_db: float = 0.0
    """Gain asked for beside the volume, dB."""

    @property
    def sounds(self) -> bool:
        """Whether a clip is under way: it plays, or waits for the laptop."""
        return self.state in ("playing", "waiting")
