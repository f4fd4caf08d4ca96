"""One sound to be embedded: what identifies its content, and how to get its samples when they are needed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import xxhash

from ravetui.errors import ScoreError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Audio = NDArray[np.float32]


@dataclass(frozen=True)
class Sound:
    """A sound that is loaded when it is asked for, and identified without that."""

    name: str
    """What an error calls it."""
    key: Callable[[], bytes]
    """Identifies what `load` gives: equal keys, equal samples."""
    load: Callable[[], tuple[Audio, int]]
    """Its samples in ±1, (samples,) or (channels, samples), and their rate in Hz."""

    def mono(self, sampling_rate: int) -> Audio:
        """Its samples, channels averaged, at ``sampling_rate`` Hz, (samples,).

        Raises:
            ScoreError: It cannot be read, is empty, or holds NaN or infinity.
        """
        import numpy as np

        audio, rate = self.load()
        if audio.ndim == 2:
            audio = audio.mean(axis=0, dtype=np.float32)
        if audio.size == 0:
            raise ScoreError("Score", f"{self.name} is empty.", "Render the samples again.")
        if not np.isfinite(audio).all():
            raise ScoreError(
                "Score",
                f"{self.name} holds NaN or infinite samples.",
                "The checkpoint has diverged: score an older one.",
            )
        return resampled(audio.astype(np.float32, copy=False), rate, sampling_rate)


def file_sound(path: Path) -> Sound:
    """An audio file, identified by its bytes: neither its name nor its date can make an embedding stale."""
    return Sound(path.name, lambda: _file_key(path), lambda: _decoded(path))


def array_sound(audio: Audio, sampling_rate: int, name: str) -> Sound:
    """Samples in memory, (samples,) or (channels, samples), identified by their values."""
    return Sound(name, lambda: _array_key(audio, sampling_rate), lambda: (audio, sampling_rate))


def derived_sound(parts: tuple[str, ...], load: Callable[[], tuple[Audio, int]], name: str) -> Sound:
    """A sound that something makes, identified by all that it is made from, such as a checkpoint's checksum and a clip.

    What is in the cache of embeddings is then found without making it.
    """
    hasher = xxhash.xxh3_128()
    for part in ("derived", *parts):
        hasher.update(len(part).to_bytes(8, "little") + part.encode())
    digest = hasher.digest()
    return Sound(name, lambda: digest, load)


def resampled(audio: Audio, rate: int, wanted: int) -> Audio:
    """Mono audio at another rate by soxr's high quality, as long as librosa makes it: n · wanted / rate, rounded up."""
    if rate == wanted:
        return audio
    import numpy as np
    import soxr

    samples = math.ceil(audio.size * wanted / rate)
    made: Audio = soxr.resample(audio, rate, wanted, quality="HQ")[:samples]
    return np.pad(made, (0, samples - made.size))


def _file_key(path: Path) -> bytes:
    hasher = xxhash.xxh3_128(b"file")
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                hasher.update(chunk)
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from None
    return hasher.digest()


def _decoded(path: Path) -> tuple[Audio, int]:
    import soundfile

    try:
        audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        raise _unreadable(path, str(error)) from None
    return audio.T, rate


def _unreadable(path: Path, why: str) -> ScoreError:
    return ScoreError("Score", f"{path} cannot be read: {why.rstrip('.')}.", "Leave it out, or make it again.")


def _array_key(audio: Audio, sampling_rate: int) -> bytes:
    import numpy as np

    hasher = xxhash.xxh3_128(f"array {sampling_rate} {audio.shape} {audio.dtype}".encode())
    hasher.update(np.ascontiguousarray(audio).data)
    return hasher.digest()
