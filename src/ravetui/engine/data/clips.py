"""The same few stretches of audio at every validation: what is compared, listened to and scored."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.index import Segment, Split

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Clip:
    """A stretch of one segment."""

    name: str
    """From the source file's name; no two clips of a call share one."""
    segment: int
    """Its number in the dataset."""
    start: int
    """First frame, counted from the segment's beginning."""
    frames: int


@dataclass(frozen=True)
class _Span:
    """Where clips of one file may lie in a segment."""

    stem: str
    segment: int
    start: int
    frames: int


def read_clip(dataset: Dataset, clip: Clip) -> NDArray[np.float32]:
    """The audio of a clip, (channels, frames)."""
    return dataset.crop(clip.segment, clip.start, clip.frames)


def validation_clips(dataset: Dataset, count: int, seconds: float) -> list[Clip]:
    """Up to ``count`` clips of the validation split, each ``seconds`` long; see :func:`spread_clips`."""
    return spread_clips(dataset, "validation", count, seconds)


def spread_clips(dataset: Dataset, split: Split, count: int, seconds: float) -> list[Clip]:
    """Choose clips that do not overlap, spread over the files of a split and evenly within each.

    Every file gives one clip before any gives two. A file shorter than a clip gives one that reaches into the file it
    was joined with. A clip is shorter than ``seconds`` only where its whole segment is.

    Args:
        dataset: The dataset.
        split: Which split.
        count: Clips at most; fewer when the split does not hold as many.
        seconds: Length of a clip, s.

    Returns:
        The clips in the order in which the files lie in the dataset; the same for the same dataset and arguments.
    """
    frames = max(1, round(seconds * dataset.index.sampling_rate))
    spans = [span for number, segment in dataset.segments(split) for span in _spans(number, segment, frames)]
    clips: list[Clip] = []
    names: set[str] = set()
    for span, share in zip(spans, shares_of([max(1, span.frames // frames) for span in spans], count), strict=True):
        length = min(frames, span.frames)
        for number in range(share):
            low = span.frames * number // share
            high = span.frames * (number + 1) // share
            start = span.start + low + (high - low - length) // 2
            candidates = itertools.chain([span.stem], (f"{span.stem}-{k}" for k in itertools.count(2)))
            name = next(name for name in candidates if name not in names)
            names.add(name)
            clips.append(Clip(name, span.segment, start, length))
    return clips


def _spans(number: int, segment: Segment, frames: int) -> list[_Span]:
    """One span a file; a short file borrows from the next one, and a file that has lent over half of it gives none."""
    spans: list[_Span] = []
    position = free = 0
    for file in segment.files:
        end = position + file.frames
        start = max(position, free)
        if end - start >= min(frames, file.frames) / 2:
            length = min(max(end - start, frames), segment.frames)
            start = min(start, segment.frames - length)
            if start >= free:
                spans.append(_Span(PurePath(file.path).stem, number, start, length))
                free = start + length
        position = end
    return spans


def shares_of(capacities: list[int], count: int) -> list[int]:
    """How many clips each span gives, one more each in turn until ``count`` is reached or nothing is left."""
    shares = [0] * len(capacities)
    left = min(count, sum(capacities))
    while left > 0:
        open_spans = [number for number, capacity in enumerate(capacities) if shares[number] < capacity]
        # With fewer clips than files, files at even distances.
        turn = [open_spans[len(open_spans) * k // left] for k in range(left)] if left < len(open_spans) else open_spans
        for number in turn:
            shares[number] += 1
        left -= len(turn)
    return shares
