"""One source file as int16 samples at the dataset's rate and channels, in bounded memory."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ravetui.engine.data.fold import fold_matrix

FULL_SCALE = 32768.0
"""int16 steps of an amplitude of 1."""
_UNLIMITED = 1 - 1 / FULL_SCALE
"""Up to this amplitude no step is beyond int16."""
SHORTEST = 0.01
"""A shorter file is skipped, s: it could not hold the two fades of a joint."""
_RATES = range(1000, 1_536_001)
"""Believable sampling rates, Hz; a damaged header may claim anything."""
_BLOCK = 1 << 18
"""Samples decoded at a time, all channels together, before or after resampling, whichever is more."""

Float = NDArray[np.float32]


class UnusableError(Exception):
    """A file that will be skipped; its text is the reason."""


@dataclass(frozen=True)
class Target:
    """What every file becomes."""

    sampling_rate: int
    """Hz."""
    channels: int
    silence_db: float
    """A file whose peak is below this is silent, dBFS."""


@dataclass(frozen=True)
class Decoded:
    """What became of one file."""

    frames: int
    """At the target's rate."""
    sampling_rate: int
    """Of the file, Hz."""
    channels: int
    """Of the file."""
    clipped: int
    """Samples beyond full scale that were limited to it."""


class Sink(Protocol):
    """Where samples go."""

    def write(self, block: memoryview, /) -> object:
        """Add a block."""


def expected_frames(path: Path, target: Target) -> int:
    """How many frames :func:`decode` will write if the file is as its header says; 0 where that says nothing."""
    import soundfile

    try:
        with soundfile.SoundFile(os.fsencode(path)) as file:
            if file.samplerate not in _RATES:
                return 0
            # As many as soxr gives.
            return int(file.frames * target.sampling_rate / file.samplerate + 0.5)
    except (soundfile.SoundFileError, TypeError, OSError):
        return 0


def decode(path: Path, sink: Sink, target: Target, on_share: Callable[[float], None]) -> Decoded:
    """Write the samples of ``path`` to ``sink``: interleaved little-endian int16.

    Channels are folded, then the audio is resampled (soxr HQ, as a stream), then rounded to the nearest step. There is
    no dither: 16-bit sources at the target's rate pass unchanged and digital silence stays silent, and the crops get a
    step of uniform noise in training anyway.

    Args:
        path: Anything libsndfile reads.
        sink: Gets them block by block.
        target: Rate and channels to arrive at.
        on_share: Hears how much of the file is done, 0 to 1; it may raise to stop.

    Raises:
        UnusableError: The file is unreadable, broken, too short, silent, or holds NaN or infinity.
        OSError: ``sink`` cannot be written.
    """
    import soundfile

    try:
        # Bytes, because a file name need not be UTF-8.
        with soundfile.SoundFile(os.fsencode(path)) as file:
            # soundfile seeks after every block of a seekable file, and a seek damages libsndfile's MP3 decoder.
            file.seekable = lambda: False
            return _decode(file, sink, target, on_share)
    except (soundfile.SoundFileError, TypeError) as error:
        raise UnusableError(f"unreadable: {_reason(error)}") from None


def _decode(file: Any, sink: Sink, target: Target, on_share: Callable[[float], None]) -> Decoded:
    rate, channels, expected = file.samplerate, file.channels, file.frames
    if expected == 0:
        raise UnusableError("empty: no audio in it")
    if rate not in _RATES:
        raise UnusableError(f"unbelievable sampling rate of {rate} Hz")
    writer = _Writer(sink, target, rate, channels)
    size = max(1, int(_BLOCK * min(1.0, rate / target.sampling_rate)) // max(channels, target.channels))
    # What is to pass unchanged is not made float and rounded back, which takes as long as decoding.
    unchanged = file.subtype == "PCM_16" and (rate, channels) == (target.sampling_rate, target.channels)
    room = np.empty((size, channels), np.int16 if unchanged else np.float32)
    read = 0
    loudest = 0.0
    while len(block := file.read(size, dtype=room.dtype.name, always_2d=True, out=room)):
        peak = _peak(block)
        if not np.isfinite(peak):
            where = read + int(np.argmin(np.isfinite(block).all(axis=1)))
            raise UnusableError(f"holds NaN or infinity at {where / rate:.2f} s")
        loudest = max(loudest, peak)
        if unchanged:
            writer.pass_on(block, peak)
        else:
            writer.write(block, peak)
        read += len(block)
        on_share(min(1.0, read / expected))
    writer.finish()
    if read < expected:
        raise UnusableError(f"breaks off after {read / rate:.1f} s of {expected / rate:.1f} s")
    if writer.frames < SHORTEST * target.sampling_rate:
        raise UnusableError(f"shorter than {SHORTEST * 1000:.0f} ms")
    floor = 10 ** (target.silence_db / 20)
    if writer.peak < floor:
        folded = "" if loudest < floor else f"once its {channels} channels are folded, "
        raise UnusableError(f"silent: {folded}its peak is {_decibel(writer.peak)}")
    return Decoded(writer.frames, rate, channels, writer.clipped)


class _Writer:
    """Folds, resamples, rounds and writes block after block; ``peak`` is the loudest amplitude written."""

    def __init__(self, sink: Sink, target: Target, rate: int, channels: int) -> None:
        import soxr

        self._sink = sink
        self._fold = fold_matrix(channels, target.channels)
        self._channels = target.channels
        self._resampler = None
        if rate != target.sampling_rate:
            self._resampler = soxr.ResampleStream(rate, target.sampling_rate, target.channels, "float32", "HQ")
        self.frames = 0
        self.clipped = 0
        self.peak = 0.0
        # Kept: the kernel takes longer to give memory for a block than rounding it takes.
        self._steps = np.empty(0, np.float32)
        self._rounded = np.empty(0, "<i2")

    def write(self, block: Float, peak: float) -> None:
        """Add a block, (frames, channels of the file), of that loudest amplitude."""
        if self._fold is None and self._resampler is None:
            self._put(block, peak)
            return
        folded: Float = block if self._fold is None else np.ascontiguousarray(block @ self._fold)
        audio = folded if self._resampler is None else self._resampler.resample_chunk(folded)
        self._put(audio, _peak(audio))

    def pass_on(self, block: NDArray[np.int16], peak: float) -> None:
        """Add a block (frames, channels) that is as it is to be."""
        self.peak = max(self.peak, peak)
        self.frames += len(block)
        self._sink.write(block.astype("<i2", copy=False).data)

    def finish(self) -> None:
        """Write what the resampler still holds."""
        if self._resampler is not None:
            rest = self._resampler.resample_chunk(np.zeros((0, self._channels), np.float32), last=True)
            self._put(rest, _peak(rest))

    def _put(self, audio: Float, peak: float) -> None:
        if not audio.size:
            return
        self.peak = max(self.peak, peak)
        self.frames += len(audio)
        if self._steps.size < audio.size:
            self._steps, self._rounded = np.empty(audio.size, np.float32), np.empty(audio.size, "<i2")
        steps, rounded = self._steps[: audio.size], self._rounded[: audio.size]
        np.multiply(audio.reshape(-1), np.float32(FULL_SCALE), out=steps)
        np.rint(steps, out=steps)
        if peak > _UNLIMITED:
            self.clipped += int(np.count_nonzero(np.abs(audio) > 1.0))
            np.clip(steps, -FULL_SCALE, FULL_SCALE - 1, out=steps)
        np.copyto(rounded, steps, casting="unsafe")
        self._sink.write(rounded.data)


def _peak(block: Float | NDArray[np.int16]) -> float:
    """The loudest amplitude of a block; NaN or infinity if it holds any."""
    if not block.size:
        return 0.0
    if block.dtype == np.int16:
        return max(-int(block.min()), int(block.max())) / FULL_SCALE
    # Both are NaN where one is.
    return max(-float(block.min()), float(block.max()))


def _decibel(amplitude: float) -> str:
    return f"{20 * np.log10(amplitude):.0f} dBFS" if amplitude else "zero"


def _reason(error: Exception) -> str:
    """What libsndfile says, without the path and without its full stop."""
    text = getattr(error, "error_string", None) or str(error)
    return str(text).removeprefix("Error : ").strip().rstrip(".")
