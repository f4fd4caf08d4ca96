"""How decoded files become the segments of a dataset, and its samples."""

import errno
import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xxhash
from numpy.typing import NDArray

from ravetui.engine.data.index import BYTES, Segment, SourceFile, Split
from ravetui.engine.data.pool import over_files

FADE_SECONDS = 0.005
"""Length of the fade on each side of a joint."""
_BLOCK = 1 << 22
"""Bytes copied or hashed at a time."""
_NO_COPY = (errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL, errno.EXDEV)
"""What a filesystem answers that cannot copy by itself."""


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
    segments: list[Segment] = []
    places: list[_Place] = []
    fade, offset = round(FADE_SECONDS * sampling_rate), 0
    for split, group in groups:
        frames = sum(piece.source.frames for piece in group)
        segments.append(Segment(offset, frames, split, tuple(piece.source for piece in group)))
        for number, piece in enumerate(group):
            fades = fade if number else 0, fade if number < len(group) - 1 else 0
            places.append(_Place(piece, offset, *fades))
            offset += piece.source.frames
    uses = Counter(place.piece.scratch for place in places)
    with path.open("w+b") as sink:
        file = sink.fileno()

        def work(number: int, on_share: Callable[[float], None]) -> None:
            place = places[number]
            _copy(place, file, channels * BYTES, on_share)
            _fade(place, file, channels)
            if uses[place.piece.scratch] == 1:
                place.piece.scratch.unlink()

        over_files(work, [place.piece.source.frames for place in places], progress)
        for scratch, number in uses.items():
            if number > 1:
                scratch.unlink()
        # The disk and the cores are different things: the samples are read once more while they are being synced.
        with ThreadPoolExecutor(1) as beside:
            synced = beside.submit(os.fsync, file)
            digest = _digest(file, offset * channels * BYTES)
            synced.result()
    layout = [sampling_rate, channels, [[segment.offset, segment.frames, segment.split] for segment in segments]]
    digest.update(json.dumps(layout).encode())
    return tuple(segments), digest.hexdigest()


@dataclass(frozen=True)
class _Place:
    """Where a piece comes to lie."""

    piece: Piece
    offset: int
    """Its first frame in the dataset."""
    fade_in: int
    """Frames; 0 at a segment's end."""
    fade_out: int


def _copy(place: _Place, file: int, frame_bytes: int, on_share: Callable[[float], None]) -> None:
    """The samples of a piece into its place: within the kernel, or shared on filesystems that can."""
    source = place.piece.source
    read, write, left = (n * frame_bytes for n in (source.start, place.offset, source.frames))
    total = left
    with place.piece.scratch.open("rb", buffering=0) as scratch:
        while left:
            count = min(left, _BLOCK)
            try:
                done = os.copy_file_range(scratch.fileno(), file, count, read, write)
            except OSError as error:
                if error.errno not in _NO_COPY:
                    raise
                done = os.pwrite(file, os.pread(scratch.fileno(), count, read), write)
            if not done:
                raise OSError(errno.EIO, f"{place.piece.scratch} is too short")
            read, write, left = read + done, write + done, left - done
            on_share(1 - left / total)


def _fade(place: _Place, file: int, channels: int) -> None:
    """Fade the ends of a piece in its place; nothing else of it is touched."""
    frames, fade_in, fade_out = place.piece.source.frames, place.fade_in, place.fade_out
    if fade_in + fade_out >= frames:
        ranges = [(0, frames)]
    else:
        ranges = [(0, fade_in), (frames - fade_out, frames)]
    for start, end in ranges:
        if start < end:
            at = (place.offset + start) * channels * BYTES
            block = np.frombuffer(os.pread(file, (end - start) * channels * BYTES, at), "<i2").reshape(-1, channels)
            where = np.arange(start, end)
            gain = _ramp(where + 1, fade_in) * _ramp(frames - where, fade_out)
            os.pwrite(file, np.rint(block * gain[:, None]).astype("<i2").tobytes(), at)


def _digest(file: int, size: int) -> xxhash.xxh3_128:
    """The hash of the first ``size`` bytes of a file."""
    digest = xxhash.xxh3_128()
    room = bytearray(min(_BLOCK, max(size, 1)))
    for start in range(0, size, _BLOCK):
        count = os.preadv(file, [memoryview(room)[: min(_BLOCK, size - start)]], start)
        digest.update(memoryview(room)[:count])
    return digest


def _ramp(distance: NDArray[np.int64], length: int) -> NDArray[np.float64]:
    """A raised cosine from 0 to 1 over ``length`` frames, by the distance from the end in frames."""
    if length == 0:
        return np.ones(len(distance))
    ramp: NDArray[np.float64] = 0.5 - 0.5 * np.cos(np.pi * np.minimum(1.0, distance / (length + 1)))
    return ramp
