"""How decoded files become the segments of a dataset, and its samples."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xxhash
from numpy.typing import NDArray

from ravetui.engine.data.index import BYTES, Segment, SourceFile, Split

FADE_SECONDS = 0.005
"""Length of the fade on each side of a joint."""
_BLOCK = 1 << 20
"""Frames copied at a time."""

Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Piece:
    """A decoded file, or a part of it, on its way into a segment."""

    scratch: Path
    """Its samples, interleaved int16."""
    source: SourceFile


def join_short(pieces: Sequence[Piece], shortest: int) -> list[list[Piece]]:
    """Group the pieces of one split into segments.

    A piece of at least ``shortest`` frames is a segment of its own. Shorter ones are joined, in their order, until they
    reach it; a remainder that does not joins the last segment. No piece is dropped.

    Returns:
        The pieces of each segment: long ones first, then the joined ones.
    """
    groups = [[piece] for piece in pieces if piece.source.frames >= shortest]
    group: list[Piece] = []
    for piece in pieces:
        if piece.source.frames < shortest:
            group.append(piece)
            if sum(member.source.frames for member in group) >= shortest:
                groups.append(group)
                group = []
    if group and groups:
        groups[-1].extend(group)
    elif group:
        groups.append(group)
    return groups


def write_audio(
    path: Path,
    groups: Sequence[tuple[Split, Sequence[Piece]]],
    sampling_rate: int,
    channels: int,
    progress: Callable[[float], None],
) -> tuple[tuple[Segment, ...], str]:
    """Write the samples of all segments to ``path``, synced; scratch files are removed as they are used up.

    Args:
        path: The dataset's ``audio.i16``.
        groups: The pieces of each segment and its split, training first.
        sampling_rate: Hz.
        channels: Of the samples.
        progress: Hears how much is written, 0 to 1.

    Returns:
        The segments, and the fingerprint: the xxh3_128 of all samples and of where the segments lie.

    Raises:
        OSError: The disk is full.
    """
    uses = Counter(piece.scratch for _, group in groups for piece in group)
    total = sum(piece.source.frames for _, group in groups for piece in group)
    digest = xxhash.xxh3_128()
    segments: list[Segment] = []
    offset = 0
    with path.open("wb") as sink:
        for split, group in groups:
            for block in _joined(group, channels, round(FADE_SECONDS * sampling_rate)):
                sink.write(block)
                digest.update(block)
            frames = sum(piece.source.frames for piece in group)
            segments.append(Segment(offset, frames, split, tuple(piece.source for piece in group)))
            offset += frames
            uses.subtract(piece.scratch for piece in group)
            for piece in group:
                if not uses[piece.scratch]:
                    piece.scratch.unlink()
            progress(offset / total)
        sink.flush()
        os.fsync(sink.fileno())
    layout = [sampling_rate, channels, [[segment.offset, segment.frames, segment.split] for segment in segments]]
    digest.update(json.dumps(layout).encode())
    return tuple(segments), digest.hexdigest()


def _joined(group: Sequence[Piece], channels: int, fade: int) -> Iterator[memoryview]:
    """The samples of one segment in blocks, with a fade of ``fade`` frames on each side of every joint."""
    for number, piece in enumerate(group):
        fade_in = fade if number > 0 else 0
        fade_out = fade if number < len(group) - 1 else 0
        for block in _faded(piece, channels, fade_in, fade_out):
            yield block.data


def _faded(piece: Piece, channels: int, fade_in: int, fade_out: int) -> Iterator[Samples]:
    """Blocks of a piece, (frames, channels), its first and last frames faded."""
    frames = piece.source.frames
    with piece.scratch.open("rb") as file:
        file.seek(piece.source.start * channels * BYTES)
        for start in range(0, frames, _BLOCK):
            count = min(_BLOCK, frames - start)
            block = np.frombuffer(file.read(count * channels * BYTES), "<i2").reshape(count, channels)
            if start < fade_in or start + count > frames - fade_out:
                where = np.arange(start, start + count)
                gain = _ramp(where + 1, fade_in) * _ramp(frames - where, fade_out)
                block = np.rint(block * gain[:, None]).astype("<i2")
            yield block


def _ramp(distance: NDArray[np.int64], length: int) -> NDArray[np.float64]:
    """A raised cosine from 0 to 1 over ``length`` frames, by the distance from the end in frames."""
    if length == 0:
        return np.ones(len(distance))
    ramp: NDArray[np.float64] = 0.5 - 0.5 * np.cos(np.pi * np.minimum(1.0, distance / (length + 1)))
    return ramp
