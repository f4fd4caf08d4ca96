"""The files that a blind round is heard from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ravetui.errors import RunError
from ravetui.runs.blind.shuffle import Stimulus
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import steps as in_words
from ravetui.runs.samples import Sample, list_samples


@dataclass(frozen=True)
class Material:
    """Clips that every one of some checkpoints has, and their originals."""

    clips: tuple[str, ...]
    """Names, in the order in which they were rendered."""
    files: Mapping[Stimulus, Path]
    seconds: float
    """Of all stimuli together."""


def find_material(run: RunFolder, steps: Iterable[int]) -> Material:
    """What there is to hear of some checkpoints.

    Args:
        run: Whose checkpoints they are.
        steps: Of the checkpoints, at least one.

    Raises:
        RunError: One has no samples, or no clip is there of all of them and as an original.
    """
    found = {step: {clip.name: clip for clip in list_samples(run, step)} for step in steps}
    for step, samples in found.items():
        if not samples:
            remedy = f"`ravetui sample {run.name} --checkpoint {step}` renders some."
            raise RunError("No samples", f"Step {in_words(step)} of {run.name} has no samples.", remedy)
    first = next(iter(found.values()))
    clips = [name for name in first if all(_is_whole(samples.get(name)) for samples in found.values())]
    if not clips:
        message = f"The checkpoints of {run.name} that were chosen have no clip in common."
        raise RunError("Nothing to compare", message, "Mark checkpoints of the same clips with *.")
    files = {Stimulus(name, step): samples[name].reconstruction for step, samples in found.items() for name in clips}
    files |= {Stimulus(name, None): first[name].original for name in clips}
    return Material(tuple(clips), files, (len(found) + 1) * sum(first[name].seconds for name in clips))


def _is_whole(sample: Sample | None) -> bool:
    """Whether a clip can be heard, and beside an original of its own."""
    return sample is not None and sample.reconstruction.is_file() and sample.original.is_file()
