"""What the parts of the screen tell each other."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from textual.message import Message

from ravetui.app.snapshot import Gaze, Snapshot
from ravetui.app.sound.report import About, PlaybackReport
from ravetui.errors import RavetuiError


@dataclass
class Looked(Message):
    """The workspace was read; sent only when something differs from the last time."""

    snapshot: Snapshot

    def can_replace(self, message: Message) -> bool:
        """Only the newest look counts."""
        return isinstance(message, Looked)


class Whole(Message):
    """All panes are there."""


@dataclass
class Gazed(Message):
    """The person looks at something else."""

    gaze: Gaze


@dataclass
class Wanted(Message):
    """Something is to be done off the screen's thread."""

    work: Callable[[], str]
    """Does it and returns a sentence for a toast, or nothing."""
    run: str = ""
    """The run that the person makes with it, to be selected when it is there."""


@dataclass
class Done(Message):
    """What was wanted has been done, or was refused."""

    run: str
    """See :class:`Wanted`."""


@dataclass
class Failed(Message):
    """Bad news for a toast."""

    error: RavetuiError


@dataclass
class PlayWanted(Message):
    """A file is to be heard; None: silence."""

    path: Path | None
    start: float = 0.0
    """Seconds into the file."""
    instead: bool = False
    """Another version of what plays, from the place where that is, without a gap."""
    about: About | None = None
    """What it is."""
    next: Path | None = None
    """What is likely to be wanted next."""
    loop: bool = False
    """Whether it begins again at its end."""
    matched: bool = False
    """Whether it is heard as loud as other clips, instead of as it is."""
    among: tuple[Path, ...] = ()
    """Versions of it that are all to be heard equally loud, however much their peaks allow."""
    coming: tuple[Path, ...] = ()
    """What is to be heard after these, to be measured meanwhile."""


@dataclass
class SeekWanted(Message):
    """What sounds is to go on from another place."""

    by: float
    """Seconds from the present one."""


@dataclass
class LoopWanted(Message):
    """What sounds is to begin again at its end, or not."""

    on: bool


@dataclass
class LevelWanted(Message):
    """What sounds is to be as loud as other clips, or as loud as it is."""

    matched: bool


@dataclass
class PageWanted(Message):
    """Sound is to be heard in the laptop's browser."""


@dataclass
class SoundWanted(Message):
    """Samples have come into focus, so it is time to find out where sound goes."""


@dataclass
class Heard(Message):
    """What plays, and where it is heard."""

    report: PlaybackReport

    def can_replace(self, message: Message) -> bool:
        """Only the newest position counts."""
        return isinstance(message, Heard) and message.report.state == self.report.state == "playing"
