"""Checkpoints as they lie on disk: found by name, checked before they are trusted."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xxhash

from ravetui.errors import CheckpointError
from ravetui.runs.atomic import read_json
from ravetui.runs.folder import RunFolder

FORMAT = 1
PIN = "pinned"
"""An empty file beside the manifest of a checkpoint that is to be kept; it is no part of what the checksums cover."""


@dataclass(frozen=True)
class Checkpoint:
    """What ``manifest.json`` says of one checkpoint; its files have not been read."""

    step: int
    phase: int
    """1 reconstruction, 2 adversarial."""
    path: Path
    saved: float
    """Unix time, seconds."""
    attempt: int
    validation: float | None
    """Full-band spectral distance on the validation clips; None when it was saved between validations."""
    bytes: int
    files: Mapping[str, Mapping[str, Any]]
    """Size and xxh3 of each file."""
    trainer: Mapping[str, Any]
    """What the trainer needs to go on beside its tensors."""
    pinned: bool = False
    """Whether somebody wants it kept."""
    label: str = ""
    """What another program that wrote it calls it; empty for our own."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON of what is said of every checkpoint, our own or another program's."""
        return {
            "step": self.step,
            "phase": self.phase,
            "validation": self.validation,
            "path": str(self.path),
            "bytes": self.bytes,
            "saved": self.saved,
            "attempt": self.attempt,
        }


def list_checkpoints(run: RunFolder) -> list[Checkpoint]:
    """Every published checkpoint, newest step first; a folder without a readable manifest is none."""
    found = (read_manifest(path) for path in run.checkpoints.glob("step-*"))
    return sorted((item for item in found if item is not None), key=lambda item: -item.step)


def find_checkpoint(run: RunFolder, name: str | None) -> Checkpoint:
    """The checkpoint of a step (as ``12000``, ``step-000012000`` or a prefix-free number), the newest if None.

    Raises:
        CheckpointError: There is no such checkpoint.
    """
    known = list_checkpoints(run)
    if not known:
        raise CheckpointError("No checkpoint", f"Run {run.name} has no checkpoint yet.", "It saves at each validation.")
    return choose(known, name, run.name)


def choose(known: Sequence[Checkpoint], name: str | None, run: str) -> Checkpoint:
    """One of a run's checkpoints, newest first and at least one; see :func:`find_checkpoint`.

    Raises:
        CheckpointError: None is called that.
    """
    if name is None or name == "latest":
        return known[0]
    if name == "best":
        judged = [item for item in known if item.validation is not None]
        if judged:
            return min(judged, key=lambda item: (-item.phase, item.validation))
    digits = "".join(name.removeprefix("step-").replace("_", "").split())
    for item in known:
        if digits.isdecimal() and item.step == int(digits):
            return item
    steps = ", ".join(str(item.step) for item in known)
    raise CheckpointError("No such checkpoint", f"Run {run} has no checkpoint {name!r}.", f"It has {steps}.")


def verify(checkpoint: Checkpoint) -> None:
    """Read every file and compare size and checksum.

    Raises:
        CheckpointError: A file is missing, short or changed; it is named.
    """
    if not checkpoint.files:
        raise CheckpointError("Damaged checkpoint", f"{checkpoint.path / 'manifest.json'} is missing or unreadable.")
    for name, expected in checkpoint.files.items():
        path = checkpoint.path / name
        try:
            size, found = digest(path)
        except OSError as error:
            raise CheckpointError("Damaged checkpoint", f"{path} cannot be read: {error.strerror}.") from None
        if size != expected["bytes"]:
            raise CheckpointError("Damaged checkpoint", f"{path} has {size} bytes instead of {expected['bytes']}.")
        if found != expected["xxh3"]:
            raise CheckpointError("Damaged checkpoint", f"{path} does not match its checksum: bytes have changed.")


def newest_good(run: RunFolder, rejected: Callable[[Checkpoint, CheckpointError], None]) -> Checkpoint | None:
    """The newest checkpoint whose files are as they were written; None when the run has none at all.

    Args:
        rejected: Told of every damaged one that was passed over.

    Raises:
        CheckpointError: There are checkpoints and all are damaged: nobody starts at step 0 by accident.
    """
    known = [read_manifest(path) or _unreadable(path) for path in run.checkpoints.glob("step-*")]
    known.sort(key=lambda item: -item.step)
    for checkpoint in known:
        try:
            verify(checkpoint)
        except CheckpointError as error:
            rejected(checkpoint, error)
        else:
            return checkpoint
    if known:
        raise CheckpointError(
            "No good checkpoint",
            f"All {len(known)} checkpoints of {run.name} are damaged.",
            "Restore one from a backup, or delete the folder checkpoints/ to begin again at step 0.",
        )
    return None


def digest(path: Path) -> tuple[int, str]:
    """Size in bytes and xxh3 of a file."""
    hasher = xxhash.xxh3_128()
    size = 0
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            hasher.update(block)
            size += len(block)
    return size, hasher.hexdigest()


def seal(manifest: Mapping[str, Any]) -> str:
    """The manifest's own checksum: it holds the step, so a changed digit must not pass."""
    return xxhash.xxh3_128_hexdigest(json.dumps(manifest, sort_keys=True).encode())


def read_manifest(path: Path) -> Checkpoint | None:
    """The checkpoint in a folder; None when its manifest is missing, damaged or of another version."""
    manifest: Any = read_json(path / "manifest.json")
    try:
        if manifest is None or manifest["format"] != FORMAT or manifest.pop("xxh3") != seal(manifest):
            return None
        files = manifest["files"]
        return Checkpoint(
            step=manifest["step"],
            phase=manifest["phase"],
            path=path,
            saved=manifest["saved"],
            attempt=manifest["attempt"],
            validation=manifest["validation"],
            bytes=sum(item["bytes"] for item in files.values()),
            files=files,
            trainer=manifest["trainer"],
            pinned=(path / PIN).exists(),
        )
    except (KeyError, TypeError, AttributeError):
        return None


def _unreadable(path: Path) -> Checkpoint:
    """What stands for a published folder whose manifest says nothing: its step is known by its name, and no file."""
    step = path.name.removeprefix("step-")
    return Checkpoint(int(step) if step.isdecimal() else 0, 0, path, 0.0, 0, None, 0, {}, {})
