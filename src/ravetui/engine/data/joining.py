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
    """A file with its samples, interleaved int16."""
    source: SourceFile
    position: int = 0
    """Where in that file the first frame of the source lies."""

    @property
    def first(self) -> int:
        """Where in that file its own first frame lies."""
        return self.position + self.source.start


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


Groups = Sequence[tuple[Split, Sequence[Piece]]]
"""The pieces of each segment and its split, training first."""


def write_audio(
    path: Path, groups: Groups, sampling_rate: int, channels: int, progress: Callable[[float], None]
) -> tuple[tuple[Segment, ...], str]:
    """Bring the samples of all segments to ``path``, synced; scratch files are removed as they are used up.

    Args:
        path: The dataset's ``audio.i16``. Pieces may lie in it already; where all lie in their places, none is copied.
        groups: Every piece.
        sampling_rate: Hz.
        channels: Of the samples.
        progress: Hears how much is written, 0 to 1.

    Returns:
        The segments, and the fingerprint: the xxh3_128 of all samples and of where the segments lie.

    Raises:
        OSError: The disk is full.
    """
    progress(0.0)
    segments, places = _laid_out(groups, round(FADE_SECONDS * sampling_rate))
    size = sum(segment.frames for segment in segments) * channels * BYTES
    if any(place.piece.scratch != path or place.piece.first != place.offset for place in places):
        _gather(path, places, channels * BYTES, progress)
    with path.open("r+b") as sink:
        file = sink.fileno()
        os.ftruncate(file, size)
        for place in places:
            _fade(place, file, channels)
        # The disk and the cores are different things: the samples are read once more while they are being synced.
        with ThreadPoolExecutor(1) as beside:
            synced = beside.submit(os.fsync, file)
            digest = _digest(file, size)
            synced.result()
    layout = [sampling_rate, channels, [[segment.offset, segment.frames, segment.split] for segment in segments]]
    digest.update(json.dumps(layout).encode())
    return segments, digest.hexdigest()


def offsets(groups: Groups) -> dict[str, int]:
    """The first frame in the dataset of each file, by its content."""
    found: dict[str, int] = {}
    for place in _laid_out(groups, 0)[1]:
        found.setdefault(place.piece.source.content, place.offset)
    return found


def _laid_out(groups: Groups, fade: int) -> tuple[tuple[Segment, ...], list["_Place"]]:
    segments: list[Segment] = []
    places: list[_Place] = []
    offset = 0
    for split, group in groups:
        frames = sum(piece.source.frames for piece in group)
        segments.append(Segment(offset, frames, split, tuple(piece.source for piece in group)))
        for number, piece in enumerate(group):
            fades = fade if number else 0, fade if number < len(group) - 1 else 0
            places.append(_Place(piece, offset, *fades))
            offset += piece.source.frames
    return tuple(segments), places


def _gather(path: Path, places: Sequence["_Place"], frame_bytes: int, progress: Callable[[float], None]) -> None:
    """Copy pieces to their places in a new ``path``, the last ones first: each file is cut as it is used up."""
    draft = path.with_name("draft.i16")
    if path.exists():
        path.rename(draft)
    left = total = sum(place.piece.source.frames for place in places)
    uses = Counter(place.piece.scratch for place in places)
    with path.open("w+b") as sink:
        for place in sorted(places, key=lambda place: place.piece.first, reverse=True):
            scratch = draft if place.piece.scratch == path else place.piece.scratch
            _copy(place, scratch, sink.fileno(), frame_bytes)
            os.truncate(scratch, place.piece.first * frame_bytes)
            uses[place.piece.scratch] -= 1
            if not uses[place.piece.scratch]:
                scratch.unlink()
            left -= place.piece.source.frames
            progress(1 - left / total)
    draft.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Place:
    """Where a piece comes to lie."""

    piece: Piece
    offset: int
    """Its first frame in the dataset."""
    fade_in: int
    """Frames; 0 at a segment's end."""
    fade_out: int


def _copy(place: _Place, scratch: Path, file: int, frame_bytes: int) -> None:
    """The samples of a piece into its place: within the kernel, or shared on filesystems that can."""
    read, write, left = (n * frame_bytes for n in (place.piece.first, place.offset, place.piece.source.frames))
    with scratch.open("rb", buffering=0) as source:
        while left:
            count = min(left, _BLOCK)
            try:
                done = os.copy_file_range(source.fileno(), file, count, read, write)
            except OSError as error:
                if error.errno not in _NO_COPY:
                    raise
                done = os.pwrite(file, os.pread(source.fileno(), count, read), write)
            if not done:
                raise OSError(errno.EIO, f"{scratch} is too short")
            read, write, left = read + done, write + done, left - done


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
