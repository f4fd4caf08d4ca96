"""Checkpoints that PyTorch Lightning wrote for acids-rave: what each is, without loading it.

A ``.ckpt`` is a ZIP with a pickle. Nothing is unpickled: the first operations of the pickle are read as data, until the
numbers that stand at its beginning have been seen.
"""

import pickletools
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from ravetui.runs.checkpoints import Checkpoint

_NAMED = re.compile(r"epoch_(\d+)(?:-v\d+)?\.ckpt")
_OPERATIONS = 200
"""So many operations of a pickle are looked at: step and epoch are its first two entries."""


@dataclass(frozen=True)
class CheckpointFile:
    """One ``.ckpt``."""

    path: Path
    version: int
    """Which attempt wrote it, from 1."""
    step: int
    """Updates done when it was saved."""
    epoch: int | None
    bytes: int
    saved: float
    """Unix time, seconds."""

    @property
    def label(self) -> str:
        """What acids-rave calls it."""
        return self.path.name.removesuffix(".ckpt")

    @property
    def is_best(self) -> bool:
        """Whether it is the one of lowest validation distance, by its name."""
        return re.fullmatch(r"best(-v\d+)?", self.label) is not None


class CheckpointFiles:
    """Lists a run's checkpoints; each is looked into once."""

    def __init__(self) -> None:
        self._known: dict[tuple[Path, int, int], tuple[int, int | None] | None] = {}

    def look(self, folders: list[Path]) -> list[CheckpointFile]:
        """Every checkpoint in these folders of event files, newest step first; one that cannot be read is none."""
        found = []
        for version, folder in enumerate(folders, 1):
            for path in sorted((folder / "checkpoints").glob("*.ckpt")):
                try:
                    stat = path.stat()
                except OSError:
                    continue
                key = (path, stat.st_size, stat.st_mtime_ns)
                if key not in self._known:
                    self._known[key] = read_where(path)
                where = self._known[key]
                if where is not None:
                    found.append(CheckpointFile(path, version, *where, stat.st_size, stat.st_mtime))
        return sorted(found, key=lambda item: (-item.step, not item.is_best, item.label))


def read_where(path: Path) -> tuple[int, int | None] | None:
    """Step and epoch of a checkpoint, from the file, else from its name; None when neither says."""
    found: dict[str, int] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            name = next(name for name in archive.namelist() if name.endswith("data.pkl"))
            with archive.open(name) as pickle:
                found = _leading_numbers(pickle)
    except (OSError, ValueError, zipfile.BadZipFile, StopIteration, NotImplementedError, EOFError):
        found = {}
    if "global_step" in found:
        return found["global_step"], found.get("epoch")
    named = _NAMED.fullmatch(path.name)
    return (int(named[1]), None) if named else None


def as_checkpoints(files: list[CheckpointFile], phase_2: int | None, judged: dict[int, float]) -> list[Checkpoint]:
    """One entry a step, as our own list has them; files of one step are named together.

    Args:
        phase_2: The step after which the second phase began.
        judged: Validation distance by updates done.
    """
    by_step: dict[int, list[CheckpointFile]] = {}
    for file in files:
        by_step.setdefault(file.step, []).append(file)
    return [
        Checkpoint(
            step=step,
            phase=2 if phase_2 is not None and step > phase_2 else 1,
            path=same[0].path,
            saved=max(file.saved for file in same),
            attempt=same[0].version,
            validation=judged.get(step),
            bytes=sum(file.bytes for file in same),
            files={},
            trainer={},
            label=", ".join(file.label for file in same),
        )
        for step, same in by_step.items()
    ]


def _leading_numbers(pickle: object) -> dict[str, int]:
    """The whole numbers that stand behind the first texts of a pickled dictionary."""
    found: dict[str, int] = {}
    key: str | None = None
    for count, (operation, value, _) in enumerate(pickletools.genops(pickle)):  # type: ignore[arg-type]
        if operation.name in ("BINUNICODE", "SHORT_BINUNICODE", "UNICODE"):
            key = str(value)
        elif isinstance(value, int) and not isinstance(value, bool) and operation.name.startswith(("BININT", "LONG")):
            if key is not None:
                found.setdefault(key, value)
            key = None
        if count > _OPERATIONS or {"epoch", "global_step"} <= found.keys():
            break
    return found
