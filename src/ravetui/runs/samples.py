"""Audio rendered from a checkpoint: validation clips, original beside reconstruction."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ravetui.runs.atomic import read_json, write_json
from ravetui.runs.folder import RunFolder

ORIGINALS = "originals"
"""Originals are the same at every step, so they lie once, beside the steps."""


@dataclass(frozen=True)
class Sample:
    """One clip of one step."""

    name: str
    """The clip's name, such as its source file's."""
    step: int
    phase: int
    seconds: float
    reconstruction: Path
    original: Path
    distance: float | None
    """Full-band spectral distance between the two; None if it was not finite."""


@dataclass(frozen=True)
class RenderedClip:
    """What the renderer says of one clip; paths are relative to the step's folder."""

    name: str
    seconds: float
    reconstruction: str
    original: str
    distance: float | None


def write_manifest(folder: Path, *, step: int, phase: int, sampling_rate: int, clips: Sequence[RenderedClip]) -> None:
    """Publish ``manifest.json`` of a step's samples: the last file written."""
    content = {"step": step, "phase": phase, "sampling_rate": sampling_rate, "clips": [asdict(clip) for clip in clips]}
    write_json(folder / "manifest.json", content)


def list_samples(run: RunFolder, step: int) -> list[Sample]:
    """The samples of a step in the order they were rendered; empty when there are none or the manifest is damaged."""
    folder = run.step_folder(run.samples, step)
    manifest: Any = read_json(folder / "manifest.json")
    try:
        return [
            Sample(
                name=clip["name"],
                step=manifest["step"],
                phase=manifest["phase"],
                seconds=clip["seconds"],
                reconstruction=folder / clip["reconstruction"],
                original=(folder / clip["original"]).resolve(),
                distance=clip["distance"],
            )
            for clip in manifest["clips"]
        ]
    except (KeyError, TypeError):
        return []


def sampled_steps(run: RunFolder) -> list[int]:
    """Steps that have samples, newest first."""
    found = (path.parent.name.removeprefix("step-") for path in run.samples.glob("step-*/manifest.json"))
    return sorted((int(name) for name in found if name.isdecimal()), reverse=True)
