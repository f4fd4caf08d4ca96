"""A run that another program writes: its own folder, which is only read, and what ravetui keeps of it."""

from dataclasses import dataclass
from pathlib import Path

from ravetui.runs.folder import RunFolder

ACIDS_RAVE, TENSORBOARD = "acids-rave", "TensorBoard"
EVENT_FILES = "events.out.tfevents.*"


@dataclass(frozen=True)
class ForeignFolder(RunFolder):
    """``path`` is ours, made when notes or extracted sound are first kept in it; ``source`` is never written."""

    source: Path
    """Where the other program writes; absolute."""
    kind: str
    """:data:`ACIDS_RAVE` or :data:`TENSORBOARD`."""

    @property
    def sounds(self) -> Path:
        """What was extracted from event files; may be deleted at any time."""
        return self.path / "sounds"

    @property
    def config_path(self) -> Path:
        """The configuration that acids-rave wrote."""
        return self.source / "config.gin"

    def event_folders(self) -> list[Path]:
        """The folders with event files, each an attempt, oldest first: a run of acids-rave has one a version."""
        if self.kind != ACIDS_RAVE:
            return [self.source]
        return [path for path in version_folders(self.source) if has_events(path)]

    def refusal(self, doing: str = "this cannot be done with it") -> str:
        """Why something cannot be done with it: one sentence."""
        return f"{self.name} is a run of another program ({self.kind}), which ravetui only reads: {doing}."


def version_folders(run: Path) -> list[Path]:
    """``version_0``, ``version_1`` … of a run of acids-rave, in order of number."""
    found = [path for path in run.glob("version_*") if path.name.removeprefix("version_").isdecimal()]
    return sorted(found, key=lambda path: int(path.name.removeprefix("version_")))


def has_events(folder: Path) -> bool:
    """Whether event files lie in a folder."""
    return next(folder.glob(EVENT_FILES), None) is not None
