"""A run of acids-rave whose checkpoint has its tensors: the fixtures' are cut out of their runs to save room."""

from pathlib import Path

import numpy as np
import torch

from tests.event_files import PIANO, RUNS, copied

STEP = 200
"""Of the checkpoint, 40 steps before its second phase."""


def state_dict() -> dict[str, torch.Tensor]:
    """What acids-rave 2.3.1 trained with v1 at CAPACITY=4 in :data:`STEP` steps."""
    with np.load(RUNS.parent / "acids_rave_v1.npz") as arrays:
        names = [name for name in arrays if name.startswith("weights/")]
        return {name.removeprefix("weights/"): torch.from_numpy(arrays[name]) for name in names}


def write_checkpoint(path: Path, state: object, step: int = STEP) -> Path:
    """A ``.ckpt`` as Lightning lays it out; its step and epoch stand first."""
    torch.save({"epoch": 6, "global_step": step, "pytorch-lightning_version": "1.9.0", "state_dict": state}, path)
    return path


def run_with_weights(folder: Path) -> Path:
    """A copy of the real v1 run in which ``epoch_200.ckpt`` has its weights."""
    run = copied(PIANO, folder)
    write_checkpoint(run / "version_0" / "checkpoints" / "epoch_200.ckpt", state_dict())
    return run
