"""Which files a person means when they name files and folders."""

import os
import stat
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ravetui.engine.data.index import AUDIO, INDEX, Skipped, display

_SUFFIXES = {
    "AIFF": ("aif", "aiff", "aifc"),
    "AU": ("au", "snd"),
    "IRCAM": ("sf", "ircam"),
    "MPC2K": ("mpc",),
    "NIST": ("nist", "sph"),
    "OGG": ("ogg", "oga", "opus"),
    "RAW": (),
    "SVX": ("svx", "8svx", "16svx"),
    "WAV": ("wav", "wave"),
}
"""File name suffixes of libsndfile's formats where the format's name is not the suffix. RAW has no header to read."""

_OTHER_AUDIO = {"aac", "ac3", "alac", "amr", "ape", "dff", "dsf", "m4a", "m4b", "mka", "mp2", "mpc", "ra", "wma", "wv"}
"""Audio that libsndfile does not read, which is worth a word a file."""

_BLOCK = 1 << 20
"""Bytes hashed at a time."""


@dataclass
class Found:
    """The files to decode, and what was passed over."""

    files: list[Path] = field(default_factory=list)
    """Absolute, in the order given; those of a folder in order of name."""
    skipped: list[Skipped] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    """How many files of which suffix are not audio at all."""

    def skip(self, path: Path, reason: str) -> None:
        """Say why a file is not used."""
        self.skipped.append(Skipped(display(path), reason))


def find_audio(sources: Sequence[Path]) -> Found:
    """Every audio file among ``sources``; folders are searched all the way down.

    A file that is named itself is tried whatever its name is. In a folder, hidden files, datasets and run folders are
    passed over. A file that is reached twice, by two sources or through a link, counts once.
    """
    found = Found()
    suffixes = audio_suffixes()
    seen: set[Path] = set()
    for source in sources:
        path = source.absolute()
        if path.is_dir():
            for inside in _walk(path, found):
                _sort_out(inside, suffixes, seen, found)
        else:
            _take(path, seen, found)
    return found


def audio_suffixes() -> frozenset[str]:
    """Suffixes, in lower case and without the dot, of the formats that the installed libsndfile reads."""
    import soundfile

    return frozenset(
        suffix for name in soundfile.available_formats() for suffix in _SUFFIXES.get(name, (name.lower(),))
    )


def hash_content(path: Path, on_share: Callable[[float], None]) -> str:
    """The xxh3_128 of a file's bytes, in hexadecimal; ``on_share`` hears how much of it is read, 0 to 1.

    Raises:
        OSError: It cannot be read.
    """
    import xxhash

    digest = xxhash.xxh3_128()
    size = max(1, path.stat().st_size)
    read = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            read += len(block)
            on_share(min(1.0, read / size))
    return digest.hexdigest()


def _walk(top: Path, found: Found) -> list[Path]:
    """Files below ``top`` in order of name; each folder once, however many links lead to it."""
    files: list[Path] = []
    visited: set[Path] = set()

    def unreadable(error: OSError) -> None:
        found.skip(Path(error.filename), f"folder not readable: {error.strerror}")

    for folder, inside, names in os.walk(top, followlinks=True, onerror=unreadable):
        here = Path(folder)
        identity = here.resolve()
        if identity in visited or (here != top and _is_ours(here)):
            inside.clear()
            continue
        visited.add(identity)
        inside[:] = sorted(name for name in inside if not name.startswith("."))
        for name in sorted(names):
            if name.startswith("."):
                found.ignored["hidden"] += 1
            else:
                files.append(here / name)
    return files


def _is_ours(folder: Path) -> bool:
    dataset = (folder / INDEX).is_file() and (folder / AUDIO).is_file()
    return dataset or (folder / "spec.toml").is_file()


def _sort_out(path: Path, suffixes: frozenset[str], seen: set[Path], found: Found) -> None:
    suffix = path.suffix.lower().removeprefix(".")
    if suffix in suffixes:
        _take(path, seen, found)
    elif suffix in _OTHER_AUDIO:
        found.skip(path, f"libsndfile does not read .{suffix}; convert it, for example to FLAC")
    else:
        found.ignored[f".{suffix}" if suffix else "no suffix"] += 1


def _take(path: Path, seen: set[Path], found: Found) -> None:
    try:
        real = path.resolve(strict=True)
        status = real.stat()
    except (OSError, RuntimeError) as error:
        found.skip(path, f"unreadable: {getattr(error, 'strerror', None) or error}")
        return
    if real in seen:
        return
    seen.add(real)
    if not stat.S_ISREG(status.st_mode):
        found.skip(path, "not a regular file")
    elif status.st_size == 0:
        found.skip(path, "empty file")
    else:
        found.files.append(path)
