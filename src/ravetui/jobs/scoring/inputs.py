"""The audio that goes through a checkpoint, and what is known of its having been trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.index import Split
from ravetui.errors import ScoreError
from ravetui.jobs.scoring.clips import choose_clips, original
from ravetui.jobs.scoring.item import Item, mono
from ravetui.jobs.scoring.stretches import audio_in, stretches
from ravetui.metrics.sound import derived_sound
from ravetui.runs.foreign.folder import ForeignFolder
from ravetui.runs.foreign.given import given_audio
from ravetui.runs.workspace import workspace_above

if TYPE_CHECKING:
    from ravetui.jobs.scoring.item import Audio

HEARD = "What rave train keeps from training is not written down: it may have been trained on any of this audio."


class Inputs(Protocol):
    """Where clips come from."""

    @property
    def is_held(self) -> bool:
        """Whether it is known what was kept from training."""

    @property
    def trained(self) -> frozenset[str]:
        """Contents of the files that were trained on, as far as that is known."""

    def items(self, split: Split, length: float, seconds: float) -> list[Item]:
        """Clips of one split, each of ``length`` seconds and ``seconds`` in all at most.

        Raises:
            ScoreError: There is no such split, or nothing in it can be read.
        """


class DatasetInputs:
    """The splits of a dataset.

    Args:
        dataset: The dataset.
        rate: What every clip is resampled to, Hz.
        is_held: Whether the run was trained by these splits.
    """

    def __init__(self, dataset: Dataset, rate: int, *, is_held: bool) -> None:
        self._dataset, self._rate, self.is_held = dataset, rate, is_held

    @cached_property
    def trained(self) -> frozenset[str]:
        """Of the training split, where it was split by whole files."""
        index = self._dataset.index
        if index.split_by != "file" or not self.is_held:
            return frozenset()
        return frozenset(file.content for segment in index.of("train") for file in segment.files)

    def items(self, split: Split, length: float, seconds: float) -> list[Item]:
        """Clips spread over the files of a split."""
        clips = choose_clips(self._dataset, split, length, seconds)
        return [at_rate(original(self._dataset, clip), self._rate) for clip in clips]


class FolderInputs:
    """Audio files of which nothing is known: all count as validation.

    Args:
        folder: Searched all the way down.
        rate: What every clip is resampled to, Hz.
    """

    is_held = False
    trained: frozenset[str] = frozenset()

    def __init__(self, folder: Path, rate: int) -> None:
        self._folder, self._rate = folder, rate

    def items(self, split: Split, length: float, seconds: float) -> list[Item]:
        """Stretches of the files, evenly spread."""
        if split == "train":
            raise ScoreError(
                "No such reference", f"{self._folder} is a folder: what was trained on is not known.", "Give a dataset."
            )
        found = stretches(audio_in(self._folder), length, seconds)
        return [at_rate(item, self._rate) for item in found]


def foreign_inputs(run: ForeignFolder, rate: int) -> Inputs:
    """What was given for a run of another program.

    Raises:
        RunError: Nothing was.
        DataError: Its dataset is gone or damaged.
        ScoreError: Its folder is gone.
    """
    given = given_audio(run)
    workspace = workspace_above(run.path)
    if given.dataset and workspace is not None:
        return DatasetInputs(Dataset(workspace.dataset_path(given.dataset)), rate, is_held=False)
    return FolderInputs(Path(given.folder), rate)


def at_rate(item: Item, rate: int) -> Item:
    """A clip at another sampling rate, by soxr's high quality; the clip itself where it has that rate."""
    if item.rate == rate:
        return item

    def audio() -> Audio:
        import soxr

        made: Audio = soxr.resample(item.audio().T, item.rate, rate, quality="HQ").T
        return made

    parts = (*item.parts, "at", str(rate))
    sound = derived_sound(("resampled", *parts), lambda: (mono(audio()), rate), item.name)
    # As many frames as soxr gives.
    frames = round(item.frames * rate / item.rate)
    return replace(item, sound=sound, key=sound.key(), frames=frames, rate=rate, audio=audio, parts=parts)


def warnings_about(inputs: Inputs) -> Sequence[str]:
    """What has to be said of the audio before any number."""
    return () if inputs.is_held else (HEARD,)
