"""Clips of a dataset as sounds to be scored."""

from functools import partial

from ravetui.engine.data.clips import Clip, read_clip, spread_clips
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.index import Split
from ravetui.jobs.scoring.item import Item, mono
from ravetui.metrics.embedder import Embedder
from ravetui.metrics.sound import derived_sound

CLIP_SECONDS = 4.0
"""Audio is rendered in clips of this length, or of the embedder's window if longer; uncertainty is over clips."""


def clip_seconds(embedder: Embedder) -> float:
    """Length of a clip, seconds."""
    return max(CLIP_SECONDS, embedder.window / embedder.sampling_rate)


def choose_clips(dataset: Dataset, split: Split, length: float, seconds: float) -> list[Clip]:
    """Clips of one split, of ``length`` seconds each and ``seconds`` in all at most, spread over its files."""
    return spread_clips(dataset, split, max(int(seconds / length), 1), length)


def original(dataset: Dataset, clip: Clip) -> Item:
    """A clip as it is in the dataset."""
    rate = dataset.index.sampling_rate
    parts = (dataset.index.fingerprint, str(clip.segment), str(clip.start), str(clip.frames))
    sound = derived_sound(("dataset", *parts), lambda: (mono(read_clip(dataset, clip)), rate), clip.name)
    return Item(
        name=clip.name,
        sound=sound,
        key=sound.key(),
        frames=clip.frames,
        rate=rate,
        contents=contents(dataset, clip),
        audio=partial(read_clip, dataset, clip),
        parts=parts,
    )


def contents(dataset: Dataset, clip: Clip) -> frozenset[str]:
    """Of the files that a clip reaches into."""
    found, position = [], 0
    for file in dataset.index.segments[clip.segment].files:
        if position < clip.start + clip.frames and position + file.frames > clip.start:
            found.append(file.content)
        position += file.frames
    return frozenset(found)


def file_name(name: str) -> str:
    """A clip's name as a file name."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)[:60] or "clip"
