"""What an error's last line means to whoever trains: memory and disks that are full, in plain words."""

import re
from collections.abc import Callable

from ravetui.runs.format import bytes_

Words = Callable[[re.Match[str]], str]


def _gpu(found: re.Match[str]) -> str:
    size, gpu, total, free = found.groups()
    where = f", and GPU {gpu} of {total} had {free} free" if gpu else ""
    return f"out of GPU memory: tried to allocate {size}{where}; a smaller batch_size needs less"


def _disk(found: re.Match[str]) -> str:
    return "disk full" + (f": {found[1]} could not be written" if found[1] else "")


_MEANINGS: tuple[tuple[re.Pattern[str], Words], ...] = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (
            r"CUDA out of memory\. Tried to allocate ([\d.]+ \w+)"
            r"(?:.*?GPU (\d+) has a total capacity of ([\d.]+ \w+) of which ([\d.]+ \w+) is free)?",
            _gpu,
        ),
        (r"CUDA error: out of memory", lambda _: "out of GPU memory; a smaller batch_size needs less"),
        (
            r"can't allocate memory: you tried to allocate (\d+) bytes",
            lambda found: f"out of memory: tried to allocate {bytes_(int(found[1]))}",
        ),
        (r"Unable to allocate ([\d.]+ \w+) for an array", lambda found: f"out of memory: tried to allocate {found[1]}"),
        (r"^MemoryError\b|Cannot allocate memory", lambda _: "out of memory"),
        (r"No space left on device(?:: '([^']+)')?", _disk),
        (r"Disk quota exceeded", lambda _: "disk quota exceeded"),
    )
)


def plainly(line: str) -> str:
    """What an exception's last line means; the line itself when it means nothing else than it says.

    The forms are those of torch 2.9 to 2.13, numpy 2 and the C library.
    """
    for pattern, words in _MEANINGS:
        if found := pattern.search(line):
            return words(found)
    return line
