"""The ``Range`` header of HTTP: one range of bytes, as browsers ask for when they seek (RFC 9110, 14.2)."""

import re

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte that are wanted; None: all of it.

    Raises:
        ValueError: The range lies beyond the end.
    """
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        begin, end = max(0, size - int(last)), size - 1
    else:
        begin, end = int(first), min(int(last), size - 1) if last else size - 1
    if begin >= size or end < begin:
        raise ValueError(header)
    return begin, end
