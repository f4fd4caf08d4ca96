"""Which checkpoints stay, and the pins that keep them."""

import os
import shutil
from collections.abc import Sequence

from ravetui.errors import CheckpointError
from ravetui.runs.atomic import sync_folder
from ravetui.runs.checkpoints import PIN, Checkpoint, find_checkpoint
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import steps

_HOUR = 3600.0


def superfluous(known: Sequence[Checkpoint], *, newest: int, every_hours: float) -> list[Checkpoint]:
    """Which checkpoints may go.

    Those stay that are pinned, the ``newest`` ones, the best of each phase, the last of phase 1, and from the oldest on
    one every so many hours. Phases are judged apart, for phase 2 raises the validation distance by design.

    Args:
        newest: How many of the newest stay; at least one does.
        every_hours: Hours between two that stay for good; 0: none does.
    """
    kept = {item.step for item in known if item.pinned}
    kept.update(item.step for item in sorted(known, key=lambda item: -item.step)[: max(newest, 1)])
    for phase in {item.phase for item in known}:
        judged = [item for item in known if item.phase == phase and item.validation is not None]
        if judged:
            kept.add(min(judged, key=lambda item: (item.validation, -item.step)).step)
    kept.add(max((item.step for item in known if item.phase == 1), default=0))
    if every_hours > 0:
        kept.update(_one_every(known, every_hours * _HOUR))
    return [item for item in known if item.step not in kept]


def prune(checkpoint: Checkpoint) -> bool:
    """Delete a checkpoint so that no reader ever sees half of it; False if it was pinned meanwhile, and so stays."""
    gone = checkpoint.path.with_name(f".gone-{checkpoint.path.name}")
    checkpoint.path.rename(gone)
    sync_folder(gone.parent)  # After a power cut there is no half of it under its name.
    # Whoever pins has either done so by now, which is seen here, or finds no folder under the name any more.
    if (gone / PIN).exists():
        gone.rename(checkpoint.path)
        return False
    shutil.rmtree(gone)
    return True


def pin(run: RunFolder, name: str) -> Checkpoint:
    """Keep a checkpoint for good; pinning twice is pinning once.

    Args:
        name: See :func:`ravetui.runs.checkpoints.find_checkpoint`.

    Raises:
        CheckpointError: There is no such checkpoint.
    """
    found = find_checkpoint(run, name)
    try:
        (found.path / PIN).touch()
        sync_folder(found.path)
    except FileNotFoundError:
        step = steps(found.step)
        raise CheckpointError("No such checkpoint", f"Step {step} of {run.name} has just been deleted.") from None
    os.utime(run.checkpoints)  # Readers look again when the folder has changed.
    return found


def unpin(run: RunFolder, name: str) -> Checkpoint:
    """Let a pinned checkpoint go when its turn comes.

    Raises:
        CheckpointError: There is no such checkpoint, or it is not pinned.
    """
    found = find_checkpoint(run, name)
    try:
        (found.path / PIN).unlink()
    except FileNotFoundError:
        raise CheckpointError("Not pinned", f"Step {steps(found.step)} of {run.name} is not pinned.") from None
    os.utime(run.checkpoints)
    return found


def _one_every(known: Sequence[Checkpoint], seconds: float) -> set[int]:
    """From the oldest on, each that was saved so long after the one before it; deleting others changes none of them."""
    kept: set[int] = set()
    last = float("-inf")
    for item in sorted(known, key=lambda item: item.step):
        if item.saved - last >= seconds:
            kept.add(item.step)
            last = item.saved
    return kept
