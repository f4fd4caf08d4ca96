"""How a checkpoint comes to be: written beside, synced, read back, renamed; whole or not at all."""

import math
import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ravetui.runs.atomic import publish_folder, sync_folder, write_json
from ravetui.runs.checkpoints import FORMAT, PIN, Checkpoint, digest, read_manifest, seal, verify
from ravetui.runs.folder import RunFolder


def publish(
    run: RunFolder,
    step: int,
    writers: Mapping[str, Callable[[Path], str | None]],
    *,
    phase: int,
    attempt: int,
    validation: float | None,
    trainer: Mapping[str, Any],
) -> Checkpoint:
    """Write one checkpoint: files, synced, then the manifest, read back, then the rename, then ``latest.json``.

    It gets its name only when what is on the disk has been compared with what was to be written, so nobody ever finds
    one that was damaged on its way. A checkpoint of the same step, left by an attempt that this one supersedes, is
    replaced.

    Args:
        writers: File name to the function that writes it at the path it is given, and returns the xxh3 of what it
            wrote if it knows.

    Raises:
        OSError: The disk is full; nothing half-made is left and older checkpoints are untouched.
        CheckpointError: The disk gave back other bytes than it was given; older checkpoints are untouched.
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
        write_json(beside / "manifest.json", {**manifest, "xxh3": seal(manifest)})
        _verify_on_disk(beside)
        _publish_over(beside, final)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    write_json(run.checkpoints / "latest.json", {"step": step, "folder": final.name})
    found = read_manifest(final)
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


def _verify_on_disk(folder: Path) -> None:
    """Read back every file that the manifest names, from the disk as far as the kernel lets go of what it has cached.

    Raises:
        CheckpointError: A file is not what was to be written.
    """
    written = read_manifest(folder)
    assert written is not None
    for name in written.files:
        handle = os.open(folder / name, os.O_RDONLY)
        try:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)
    verify(written)


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
    # The old name must not be gone after a power cut while the new one is not there yet: .old-* is looked for.
    sync_folder(final.parent)
    publish_folder(beside, final)
    shutil.rmtree(old)


def _write_file(path: Path, write: Callable[[Path], str | None]) -> dict[str, Any]:
    meant = write(path)
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    if meant is None:
        size, meant = digest(path)
    else:
        size = path.stat().st_size
    return {"bytes": size, "xxh3": meant}
