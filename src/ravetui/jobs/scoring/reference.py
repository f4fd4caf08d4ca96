"""Reference sets: a split of the run's dataset, a folder of audio files, or another run's samples."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ravetui.engine.data.index import Split
from ravetui.engine.data.source import find_audio
from ravetui.errors import ScoreError
from ravetui.jobs.scoring.clips import clip_seconds
from ravetui.jobs.scoring.inputs import Inputs
from ravetui.jobs.scoring.item import Item
from ravetui.jobs.scoring.request import ScoreRequest
from ravetui.jobs.scoring.stretches import stretches
from ravetui.metrics.embedder import Embedder
from ravetui.runs.samples import list_samples, sampled_steps
from ravetui.runs.workspace import workspace_above

KNOWN = "It may be validation, train, a folder of audio files, or run:NAME for another run's samples."
RUN = "run:"


@dataclass(frozen=True)
class Reference:
    """A set of sounds to be like."""

    label: str
    """What scores say they were made against: ``validation``, ``train``, ``folder NAME``, ``run NAME at step N``."""
    items: list[Item]


def find_reference(request: ScoreRequest, inputs: Inputs, embedder: Embedder) -> Reference:
    """The reference that a request names.

    Args:
        inputs: What goes through the checkpoint: a split of it may be the reference.

    Raises:
        ScoreError: There is none, or nothing in it can be read.
    """
    name = request.reference
    if name in ("validation", "train"):
        return Reference(name, inputs.items(cast(Split, name), clip_seconds(embedder), request.seconds))
    if name.startswith(RUN):
        return _of_run(request, name.removeprefix(RUN), embedder)
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise ScoreError("No such reference", f"There is no reference {name!r}: no such folder.", KNOWN)
    files = find_audio([folder]).files
    if not files:
        raise ScoreError("Empty reference", f"There is no audio file in {folder}.", "libsndfile reads WAV, FLAC, OGG …")
    return Reference(f"folder {folder.resolve().name}", stretches(files, clip_seconds(embedder), request.seconds))


def _of_run(request: ScoreRequest, name: str, embedder: Embedder) -> Reference:
    workspace = workspace_above(request.run.path)
    if workspace is None:
        raise ScoreError("No such reference", f"{request.run.path} lies in no workspace, so there is no {name}.", KNOWN)
    other = workspace.any_run(name)
    steps = sampled_steps(other)
    if not steps:
        raise ScoreError("Empty reference", f"Run {name} has no samples yet.", f"`ravetui sample {name}` makes some.")
    files = [sample.reconstruction for sample in list_samples(other, steps[0])]
    items = stretches(files, clip_seconds(embedder), request.seconds)
    return Reference(f"run {name} at step {steps[0]}", items)
