"""How a journal looks as bytes: a header (magic, JSON, crc32), then records that end with their own crc32."""

import json
import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import RunError

MAGIC = b"RAVETUI1"
LENGTHS = struct.Struct("<I")
_LONGEST_HEADER = 1 << 16
_AT_ONCE = 4096
"""Records whose checksums are looked at together."""

Records = NDArray[np.void]


def record_type(columns: Sequence[str]) -> np.dtype[np.void]:
    """The packed type of one record of these columns."""
    fields = [("step", "<i8"), ("time", "<f8"), *((name, "<f4") for name in columns), ("crc", "<u4")]
    return np.dtype(fields)


def header_bytes(columns: Sequence[str], from_step: int, attempt: int) -> bytes:
    """What a journal begins with."""
    body = json.dumps({"columns": list(columns), "from_step": from_step, "attempt": attempt}).encode()
    return MAGIC + LENGTHS.pack(len(body)) + body + LENGTHS.pack(zlib.crc32(body))


def read_header(file: BinaryIO, path: Path) -> tuple[dict[str, Any], int] | None:
    """The header of an open file and its length in bytes; None while it is not whole.

    Raises:
        RunError: The file is not a journal of this version.
    """
    magic, size = file.read(len(MAGIC)), file.read(LENGTHS.size)
    if len(size) < LENGTHS.size or not any(magic):
        return None
    length = LENGTHS.unpack(size)[0]
    if magic != MAGIC or length > _LONGEST_HEADER:
        raise RunError("Not a journal", f"{path} was not written by this version of ravetui.")
    body, crc = file.read(length), file.read(LENGTHS.size)
    if len(crc) < LENGTHS.size or LENGTHS.unpack(crc)[0] != zlib.crc32(body):
        return None
    header: dict[str, Any] = json.loads(body)
    return header, len(MAGIC) + 2 * LENGTHS.size + length


def count_whole(records: Records) -> int:
    """How many records from the first on have the right checksum.

    The crc32 of bytes that end with their own crc32 does not depend on the bytes, and neither does that of any number
    of such records in a row: as many as can be are looked at by one run of zlib, and only where it disagrees each one.
    """
    width = records.dtype.itemsize
    raw = np.ascontiguousarray(records).view(np.uint8).data
    for start in range(0, len(records), _AT_ONCE):
        count = min(_AT_ONCE, len(records) - start)
        part = raw[start * width : (start + count) * width]
        if zlib.crc32(part) != _crc_of_whole(width, count):
            return start + _count_one_by_one(part, width)
    return len(records)


@lru_cache(maxsize=256)
def _crc_of_whole(width: int, count: int) -> int:
    """The crc32 of so many records of ``width`` bytes, each with the right checksum."""
    blank = bytes(width - LENGTHS.size)
    return zlib.crc32((blank + LENGTHS.pack(zlib.crc32(blank))) * count)


def _count_one_by_one(raw: memoryview, width: int) -> int:
    for number in range(len(raw) // width):
        record = raw[number * width : (number + 1) * width]
        if LENGTHS.unpack(record[-LENGTHS.size :])[0] != zlib.crc32(record[: -LENGTHS.size]):
            return number
    return len(raw) // width
