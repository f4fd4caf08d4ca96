"""TFRecord files: where each record of a stretch of bytes lies, and where the next whole one is behind damage.

A record is ``u64 length, u32 masked crc32c of the length, payload, u32 masked crc32c of the payload``, little-endian
(tensorflow/core/lib/io/record_writer.h).
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ravetui.runs.foreign.crc import masked, masked_rows

HEADER, FOOTER = 12, 4
LARGE = 1 << 16
"""A payload of more bytes is not read with the others, but when somebody wants it."""
HEAD = 4096
"""Of a large payload this much is read: what it is stands at its beginning."""
ALIKE = 16
"""After so many records of one length it is tried whether many more follow."""
_HEADER = struct.Struct("<QI")
_LENGTH = struct.Struct("<Q")
_CRC = struct.Struct("<I")


@dataclass(frozen=True)
class Chain:
    """Whole records that follow one another. Arrays have shape (records,)."""

    start: NDArray[np.int64]
    """Of each payload, counted from the beginning of the stretch."""
    length: NDArray[np.int64]
    after: int
    """Where the next record begins; beyond the stretch when the last one is large."""
    damaged: bool
    """Whether what lies at ``after`` has a header that cannot be right."""


def walk(content: bytes, left: int) -> Chain:
    """Follow the records from the first byte on, as far as they are whole.

    Args:
        content: A stretch of a file; it may end anywhere.
        left: Bytes of the file from the beginning of the stretch on, at least ``len(content)``.
    """
    starts: list[int] = []
    lengths: list[int] = []
    position, room, read, trial = 0, len(content), _LENGTH.unpack_from, ALIKE
    while position + HEADER <= room:
        (length,) = read(content, position)
        begin, end = position + HEADER, position + HEADER + length + FOOTER
        if end > room and (end > left or length <= LARGE or begin + HEAD > room):
            break
        starts.append(begin)
        lengths.append(length)
        position = end
        if len(lengths) >= trial and lengths[-1] == lengths[-ALIKE]:
            # Where records are as long as one another, the next ones are seen at once.
            alike = _alike(content, position, length)
            if alike > ALIKE:
                stride = HEADER + length + FOOTER
                starts += range(position + HEADER, position + HEADER + alike * stride, stride)
                lengths += [length] * alike
                position += alike * stride
            trial = len(lengths) + 4 * ALIKE
    start, length_of = np.array(starts, np.int64), np.array(lengths, np.int64)
    wrong = _wrong_headers(content, start, length_of)
    if wrong is not None:
        return Chain(start[:wrong], length_of[:wrong], int(start[wrong]) - HEADER, damaged=True)
    return Chain(start, length_of, position, damaged=_bad_header(content, position))


def is_whole(content: bytes) -> bool:
    """Whether these bytes are one record with the right checksums."""
    length, crc = _HEADER.unpack_from(content)
    if HEADER + length + FOOTER != len(content) or masked(content[:8]) != crc:
        return False
    return bool(_CRC.unpack_from(content, HEADER + length)[0] == masked(content[HEADER : HEADER + length]))


def find_header(content: bytes, test: Callable[[int, int], bool]) -> int | None:
    """The first place where a record's header may stand.

    Args:
        content: A stretch of a file.
        test: Told of a place and the payload's length; whether that is a record.
    """
    if len(content) < HEADER:
        return None
    windows = sliding_window_view(np.frombuffer(content, np.uint8), HEADER)
    crc = masked_rows(windows[:, :8], np.zeros(8, np.uint8), np.arange(8))
    stored = np.ascontiguousarray(windows[:, 8:]).view("<u4").ravel()
    for place in np.flatnonzero(crc == stored).tolist():
        if test(place, _LENGTH.unpack_from(content, place)[0]):
            return int(place)
    return None


def footers(content: bytes, chain_start: NDArray[np.int64], length: NDArray[np.int64]) -> NDArray[np.uint32]:
    """The checksum that each payload should have; these records lie whole in ``content``."""
    return _u32(content, chain_start + length)


def _alike(content: bytes, position: int, length: int) -> int:
    """How many whole records of this length follow one another from a place on."""
    stride = HEADER + length + FOOTER
    count = (len(content) - position) // stride
    if count <= 0:
        return 0
    rows = np.frombuffer(content, np.uint8, count * stride, position).reshape(count, stride)
    same = (rows[:, :8] == rows[0, :8]).all(axis=1) if _LENGTH.unpack_from(content, position)[0] == length else None
    if same is None:
        return 0
    return count if same.all() else int(same.argmin())


def _wrong_headers(content: bytes, start: NDArray[np.int64], length: NDArray[np.int64]) -> int | None:
    if not len(start):
        return None
    stored = _u32(content, start - FOOTER)
    kinds, which = np.unique(length, return_inverse=True)
    right = np.array([masked(_LENGTH.pack(int(kind))) for kind in kinds], np.uint32)
    wrong = np.flatnonzero(right[which] != stored)
    return int(wrong[0]) if len(wrong) else None


def _bad_header(content: bytes, position: int) -> bool:
    if position + HEADER > len(content):
        return False
    return bool(_CRC.unpack_from(content, position + 8)[0] != masked(content[position : position + 8]))


def _u32(content: bytes, places: NDArray[np.int64]) -> NDArray[np.uint32]:
    rows = sliding_window_view(np.frombuffer(content, np.uint8), 4)[places]
    return rows.view("<u4").ravel()
