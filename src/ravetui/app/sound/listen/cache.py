"""Clips that came over the wire, kept on the laptop under their content's hash, so that nothing is sent twice.

A clip is one file of records ``number length crc flac``, in the order in which they came; ``.part`` until it is whole.
"""

import contextlib
import os
import struct
import time
from pathlib import Path
from zlib import crc32

from ravetui.app.sound.wire.message import CLIP_ID, segments_of
from ravetui.errors import SoundError

_RECORD = struct.Struct(">III")
_MOST_NAMED = 1024
_LEFT_SECONDS = 86400.0
"""A clip that is not whole after a day was left behind by a listener that was killed."""


class StoredClip:
    """The blocks of one clip that are here.

    Args:
        path: Of the whole clip.
        frames: Length in audio frames.
    """

    def __init__(self, path: Path, frames: int) -> None:
        self.path = path
        self.frames = frames
        self.segments = segments_of(frames)
        self._places: dict[int, tuple[int, int, int]] = {}
        # Another listener of this laptop may be fed the same clip just now.
        self._part = path.with_suffix(f".{os.getpid()}.part")
        self.whole = path.is_file() and self._read()
        self._file = (path if self.whole else self._part).open("rb" if self.whole else "w+b")

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return os.fstat(self._file.fileno()).st_size

    def has(self, number: int) -> bool:
        """Whether a block should be here; one of a clip that was closed will not come any more."""
        return number in self._places or self._file.closed

    def put(self, number: int, flac: bytes) -> bool:
        """Keep a block; whether the clip became whole by it.

        Raises:
            OSError: The disk is full.
        """
        if self.whole or not 0 <= number < self.segments or number in self._places:
            return False
        checksum = crc32(flac)
        place = self._file.seek(0, os.SEEK_END)
        self._file.write(_RECORD.pack(number, len(flac), checksum) + flac)
        self._file.flush()
        self._places[number] = (place + _RECORD.size, len(flac), checksum)
        if len(self._places) == self.segments:
            self._part.replace(self.path)
            self.whole = True
        return self.whole

    def get(self, number: int) -> bytes | None:
        """A block; None when it has not come, was damaged since, or the clip was closed."""
        if number not in self._places or self._file.closed:
            return None
        place, length, checksum = self._places[number]
        self._file.seek(place)
        flac = self._file.read(length)
        return flac if crc32(flac) == checksum else None

    def close(self) -> None:
        """Give the file back; what is not whole is thrown away."""
        self._file.close()
        if not self.whole:
            self._part.unlink(missing_ok=True)

    def _read(self) -> bool:
        """Find the blocks of a whole file; whether it is whole and undamaged."""
        data = self.path.read_bytes()
        place = 0
        while place + _RECORD.size <= len(data):
            number, length, checksum = _RECORD.unpack_from(data, place)
            place += _RECORD.size
            if place + length > len(data) or crc32(data[place : place + length]) != checksum:
                break
            self._places[number] = (place, length, checksum)
            place += length
        # Block numbers are only kept once, so as many as there should be, none beyond the last, are all of them.
        if place == len(data) and len(self._places) == self.segments == max(self._places, default=-1) + 1:
            return True
        self._places.clear()
        self.path.unlink(missing_ok=True)
        return False


class ClipCache:
    """The folder of whole clips.

    Args:
        folder: Made if it is missing.
        limit: Bytes that it may hold; the clips unused for longest go first.

    Raises:
        OSError: The folder cannot be made.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._open: dict[str, StoredClip] = {}
        for left in folder.glob("*.part"):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
                    left.unlink()

    def names(self) -> list[str]:
        """Clips that are here whole, the newest last."""
        found = [path for path in self._by_age() if CLIP_ID.fullmatch(path.stem)]
        return [path.stem for path in found[-_MOST_NAMED:]]

    def clip(self, name: str, frames: int) -> StoredClip:
        """The clip of that name, whole or to be filled.

        Raises:
            OSError: It cannot be made.
        """
        assert CLIP_ID.fullmatch(name)
        found = self._open.pop(name, None)
        if found is not None and found.frames != frames:
            found.close()
            found = None
        found = found or StoredClip(self._folder / f"{name}.clip", frames)
        self._open[name] = found
        with contextlib.suppress(OSError):
            os.utime(found.path)
        return found

    def find(self, name: str) -> StoredClip | None:
        """A clip that was asked for lately."""
        return self._open.get(name)

    def put(self, name: str, number: int, flac: bytes) -> bool:
        """Keep a block of a clip that was asked for lately; whether the clip became whole by it.

        Raises:
            SoundError: It takes more than the cache may hold.
            OSError: The disk is full.
        """
        found = self._open.get(name)
        if found is None:
            return False
        if found.size + len(flac) > self._limit:
            held = f"{self._limit / 1e6:.0f} MB"
            raise SoundError("Too long", f"The clip takes more than the {held} of the laptop's cache.", "See --cache.")
        return found.put(number, flac)

    def drop(self, name: str) -> None:
        """Delete a clip that turned out to be damaged."""
        if name in self._open:
            self._open.pop(name).close()
        (self._folder / f"{name}.clip").unlink(missing_ok=True)

    def trim(self, keep: frozenset[str]) -> None:
        """Close what was not asked for lately, and delete the oldest until the limit holds.

        Args:
            keep: Names of clips that are in use.
        """
        for name in [name for name in list(self._open)[:-8] if name not in keep]:
            self._open.pop(name).close()
        sizes = self._by_age()
        total = sum(sizes.values()) + sum(clip.size for clip in self._open.values() if not clip.whole)
        for path, size in sizes.items():
            if total <= self._limit:
                break
            if path.stem not in keep:
                if path.stem in self._open:
                    self._open.pop(path.stem).close()
                total -= size
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Give all files back."""
        for clip in self._open.values():
            clip.close()
        self._open.clear()

    def _by_age(self) -> dict[Path, int]:
        """Size of each whole clip, the one unused for longest first."""
        found: list[tuple[float, Path, int]] = []
        for path in self._folder.glob("*.clip"):
            with contextlib.suppress(OSError):
                told = path.stat()
                found.append((told.st_mtime, path, told.st_size))
        return {path: size for _, path, size in sorted(found)}
