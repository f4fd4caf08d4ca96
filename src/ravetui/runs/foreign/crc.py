"""CRC-32C as TensorFlow's record files mask it: of one byte string, or of many rows at once."""

import google_crc32c
import numpy as np
from numpy.typing import NDArray

LONGEST = 512
"""Bytes of the longest row that :func:`row_crcs` takes."""
_POLYNOMIAL = np.uint32(0x82F63B78)
_DELTA = np.uint32(0xA282EAD8)


def masked(content: bytes) -> int:
    """The masked CRC-32C of a byte string (tensorflow/core/lib/hash/crc32c.h)."""
    crc: int = google_crc32c.value(content)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def masked_rows(rows: NDArray[np.uint8], like: NDArray[np.uint8], columns: NDArray[np.intp]) -> NDArray[np.uint32]:
    """The masked CRC-32C of each row, from that of one row and the columns in which they may differ.

    A CRC is affine over GF(2), so each byte that differs from ``like`` adds a number that only depends on its value
    and its distance from the end.

    Args:
        rows: Shape (count, width), width at most :data:`LONGEST`.
        like: Shape (width,); equal to every row outside of ``columns``.
        columns: Where rows may differ.
    """
    width, shifts = rows.shape[1], _shifts()
    crc = np.full(len(rows), google_crc32c.value(like.tobytes()), np.uint32)
    for column in columns.tolist():
        table = shifts[width - 1 - column]
        crc ^= (table ^ table[like[column]])[rows[:, column]]
    return ((crc >> np.uint32(15)) | (crc << np.uint32(17))) + _DELTA


_SHIFTS: list[NDArray[np.uint32]] = []


def _shifts() -> list[NDArray[np.uint32]]:
    """By distance from the end of a row: what each value of a byte adds, shape (256,)."""
    if not _SHIFTS:
        table = np.arange(256, dtype=np.uint32)
        for _ in range(8):
            table = np.where(table & 1, _POLYNOMIAL ^ (table >> 1), table >> 1)
        found = table
        for _ in range(LONGEST):
            _SHIFTS.append(found)
            found = table[found & 0xFF] ^ (found >> 8)
    return _SHIFTS
