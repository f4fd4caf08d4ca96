"""Checkpoints: published whole or not at all, checked before they are trusted."""

import json
import math
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xxhash

from ravetui.errors import CheckpointError
from ravetui.runs.atomic import publish_folder, read_json, write_json
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


def list_checkpoints(run: RunFolder) -> list[Checkpoint]:
    """Every published checkpoint, newest step first; a folder without a readable manifest is none."""
    found = (_read(path) for path in run.checkpoints.glob("step-*"))
    return sorted((item for item in found if item is not None), key=lambda item: -item.step)


def find_checkpoint(run: RunFolder, name: str | None) -> Checkpoint:
    """The checkpoint of a step (as ``12000``, ``step-000012000`` or a prefix-free number), the newest if None.

    Raises:
        CheckpointError: There is no such checkpoint.
    """
    known = list_checkpoints(run)
    if not known:
        raise CheckpointError("No checkpoint", f"Run {run.name} has no checkpoint yet.", "It saves at each validation.")
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
    raise CheckpointError("No such checkpoint", f"Run {run.name} has no checkpoint {name!r}.", f"It has {steps}.")


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
            size, digest = _digest(path)
        except OSError as error:
            raise CheckpointError("Damaged checkpoint", f"{path} cannot be read: {error.strerror}.") from None
        if size != expected["bytes"]:
            raise CheckpointError("Damaged checkpoint", f"{path} has {size} bytes instead of {expected['bytes']}.")
        if digest != expected["xxh3"]:
            raise CheckpointError("Damaged checkpoint", f"{path} does not match its checksum: bytes have changed.")


def newest_good(run: RunFolder, rejected: Callable[[Checkpoint, CheckpointError], None]) -> Checkpoint | None:
    """The newest checkpoint whose files are as they were written; None when the run has none at all.

    Args:
        rejected: Told of every damaged one that was passed over.

    Raises:
        CheckpointError: There are checkpoints and all are damaged: nobody starts at step 0 by accident.
    """
    known = [_read(path) or _unreadable(path) for path in run.checkpoints.glob("step-*")]
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


def publish(
    run: RunFolder,
    step: int,
    writers: Mapping[str, Callable[[Path], None]],
    *,
    phase: int,
    attempt: int,
    validation: float | None,
    trainer: Mapping[str, Any],
) -> Checkpoint:
    """Write one checkpoint: files, synced, then the manifest, then the rename, then ``latest.json``.

    A checkpoint of the same step, left by an attempt that this one supersedes, is replaced.

    Args:
        writers: File name to the function that writes it at the path it is given.

    Raises:
        OSError: The disk is full; nothing half-made is left and older checkpoints are untouched.
    """
    run.checkpoints.mkdir(exist_ok=True)
    final = run.step_folder(run.checkpoints, step)
    beside = run.checkpoints / f".tmp-{step:09d}-{attempt:04d}"
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        files = {name: _write_file(beside / name, write) for name, write in writers.items()}
        manifest = {
            "format": FORMAT,
            "step": step,
            "phase": phase,
            "attempt": attempt,
            "saved": time.time(),
            "validation": validation if validation is not None and math.isfinite(validation) else None,
            "trainer": dict(trainer),
            "files": files,
        }
        write_json(beside / "manifest.json", {**manifest, "xxh3": _seal(manifest)})
        _publish_over(beside, final)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    write_json(run.checkpoints / "latest.json", {"step": step, "folder": final.name})
    found = _read(final)
    assert found is not None
    return found


def clear_unpublished(run: RunFolder) -> None:
    """Remove what killed attempts left half-written; call it while holding the run's lock."""
    aside = [*run.checkpoints.glob(".old-step-*"), *(path.parent for path in run.checkpoints.glob(f".gone-*/{PIN}"))]
    for old in aside:
        final = old.with_name(old.name.removeprefix(".old-").removeprefix(".gone-"))
        if not final.exists():
            old.rename(final)
    for pattern in (".tmp-*", ".old-*", ".gone-*", ".latest.json.*"):
        for path in run.checkpoints.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _publish_over(beside: Path, final: Path) -> None:
    """Rename into place; what was there is set aside first, so that a kill in between loses neither."""
    if not final.exists():
        publish_folder(beside, final)
        return
    old = final.with_name(f".old-{final.name}")
    shutil.rmtree(old, ignore_errors=True)
    final.rename(old)
    if (old / PIN).exists():
        (beside / PIN).touch()
    publish_folder(beside, final)
    shutil.rmtree(old)


def _write_file(path: Path, write: Callable[[Path], None]) -> dict[str, Any]:
    write(path)
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    size, digest = _digest(path)
    return {"bytes": size, "xxh3": digest}


def _digest(path: Path) -> tuple[int, str]:
    hasher = xxhash.xxh3_128()
    size = 0
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            hasher.update(block)
            size += len(block)
    return size, hasher.hexdigest()


def _seal(manifest: Mapping[str, Any]) -> str:
    """The manifest's own checksum: it holds the step, so a changed digit must not pass."""
    return xxhash.xxh3_128_hexdigest(json.dumps(manifest, sort_keys=True).encode())


def _read(path: Path) -> Checkpoint | None:
    manifest: Any = read_json(path / "manifest.json")
    try:
        if manifest is None or manifest["format"] != FORMAT or manifest.pop("xxh3") != _seal(manifest):
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
