"""Real small workspaces for tests: real audio, a real dataset, runs that train in seconds."""

from pathlib import Path

import numpy as np
import soundfile

from ravetui.config import DataSettings
from ravetui.engine.create import create_run
from ravetui.engine.data.prepare import prepare
from ravetui.runs.folder import RunFolder
from ravetui.runs.workspace import Workspace, make_workspace

SMALL = {
    "preset": "tiny",
    "crop": "8192",
    "batch_size": "2",
    "capacity": "4",
    "latent_size": "4",
    "discriminator_capacity": "4",
    "stft_scales": "512,256",
    "phase_1": "12 steps",
    "total": "20 steps",
    "validate_every": "5",
    "sample_clips": "2",
    "sample_seconds": "0.5",
    "validation_crops": "4",
}
"""A run of both phases in a second or two."""


def write_tones(folder: Path, *, files: int = 4, seconds: float = 3.0, rate: int = 44100) -> None:
    """Decaying tones, another pitch each file."""
    folder.mkdir(parents=True, exist_ok=True)
    time = np.arange(int(seconds * rate)) / rate
    for number in range(files):
        pitch = 220.0 * 2 ** (number / 3)
        beat = np.exp(-3 * (time % 0.5))
        soundfile.write(folder / f"tone-{number}.wav", 0.5 * np.sin(2 * np.pi * pitch * time) * beat, rate)


def small_workspace(root: Path) -> Workspace:
    """A workspace with the dataset ``tones``."""
    workspace = make_workspace(root)
    write_tones(root / "audio")
    settings = DataSettings(validation_fraction=0.25, join_seconds=2.0)
    prepare(workspace.dataset_path("tones"), [root / "audio"], settings, lambda _done, _note: None)
    return workspace


def small_run(workspace: Workspace, name: str, **changes: str) -> RunFolder:
    """A run that is over in seconds."""
    return create_run(workspace, name, "tones", {**SMALL, **changes})
