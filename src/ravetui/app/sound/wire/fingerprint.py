"""By what a clip is known on the laptop: its content."""

import hashlib
import os
import socket
from pathlib import Path

from ravetui.errors import SoundError

WHOLE_BYTES = 1 << 26
"""A file up to this size is known by all its bytes; a longer one, which would take long to read, by where it lies,
its size and when it was written."""


def fingerprint(path: Path) -> str:
    """32 hexadecimal digits of SHA-256.

    Raises:
        SoundError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            told = os.fstat(file.fileno())
            if told.st_size <= WHOLE_BYTES:
                return hashlib.file_digest(file, "sha256").hexdigest()[:32]
    except OSError as error:
        raise SoundError("No such file", f"{path} cannot be read: {error.strerror}.") from None
    place = (socket.gethostname(), told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns)
    return hashlib.sha256(repr(place).encode()).hexdigest()[:32]
