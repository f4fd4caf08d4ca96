"""One window of sound, with what several attributes are measured from computed once."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt, spectrogram

from ravetui.metrics.timbre.onsets import envelope, find_onsets
from ravetui.metrics.timbre.zwicker import STEPS, specific_loudness

Floats = NDArray[np.float64]

BLOCK = 4096
"""Samples for which a specific loudness is computed."""


class TimbreSound:
    """Audio at -24 LUFS.

    Args:
        audio: Mono, (samples,).
        rate: Hz.
    """

    def __init__(self, audio: Floats, rate: int) -> None:
        self.audio = audio
        self.rate = rate

    @cached_property
    def blocks(self) -> Floats:
        """The audio in blocks, the last one filled with zeros, (n, 4096)."""
        whole = (self.audio.size // BLOCK + 1) * BLOCK
        return np.pad(self.audio, (0, whole - self.audio.size)).reshape(-1, BLOCK)

    @cached_property
    def block_rms(self) -> Floats:
        """Root mean square of each block, (n,)."""
        return np.asarray(np.sqrt(np.mean(self.blocks**2, axis=1)))

    @cached_property
    def loudness(self) -> Floats:
        """Specific loudness of each block, sone a Bark, (n, 240)."""
        return specific_loudness(self.blocks, self.rate)

    @cached_property
    def envelope(self) -> Floats:
        """Sample-and-hold envelope that falls in 100 ms, (samples,)."""
        return envelope(self.audio, self.rate, 0.1)

    @cached_property
    def onsets(self) -> list[int]:
        """Samples at which sounds begin."""
        return find_onsets(self.audio, self.rate, self.envelope)

    def between_onsets(self) -> list[Floats]:
        """The audio from each onset to the next."""
        starts = self.onsets if len(self.onsets) > 1 else [0]
        return [self.audio[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]

    def bark_level(self, low: int, high: int) -> Floats:
        """Loudness of each block around the middle of a range of tenths of a Bark, (n,).

        Args:
            low: First tenth.
            high: Beyond the last.
        """
        steps = np.arange(low, high)
        bell = np.exp(-((steps - (low + high) / 2) ** 2) / 2 * 0.01**2)
        weights = np.zeros(STEPS)
        weights[low:high] = (bell - bell.min()) / np.ptp(bell)
        return np.asarray(self.loudness @ weights)


def filtered(audio: Floats, hertz: float, kind: str, rate: int) -> Floats:
    """Three second-order Butterworth filters in a row: 36 dB an octave."""
    section = butter(2, hertz, kind, fs=rate, output="sos")
    return np.asarray(sosfilt(np.concatenate([section] * 3), audio), dtype=np.float64)


def power_frames(audio: Floats, rate: int, size: int) -> tuple[Floats, Floats]:
    """Frequencies in Hz, (bins,), and power under Hamming windows that overlap by three quarters, (bins, frames)."""
    hertz, _, power = spectrogram(audio, rate, "hamming", size, size * 3 // 4, scaling="spectrum")
    return hertz, power
