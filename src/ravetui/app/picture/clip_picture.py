"""What a clip and its original look like: mel spectrograms on one scale, peaks of the waveforms, average spectra."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ravetui.app.sound.source import read_beginning

Floats = NDArray[np.float64]

BANDS = 96
COLUMNS = 1024
"""At most so many are kept of a clip; a screen shows fewer."""
LONGEST = 120.0
"""Of a longer clip the beginning is shown, s."""
_WINDOW, _HOP = 2048, 1024
_LOWEST = 40.0
"""Hz."""
_FLOOR = 1e-10


@dataclass(frozen=True, eq=False)
class Version:
    """One of the two."""

    mel: Floats
    """Power, shape (BANDS, columns), lowest band first; a full-scale sine has about 1 in its band."""
    peaks: Floats
    """Lowest and highest sample of each column, shape (2, columns)."""
    average: Floats
    """Mean power of each bin of the transform, shape (bins,)."""


@dataclass(frozen=True, eq=False)
class ClipPicture:
    """Both versions of a clip."""

    seconds: float
    rate: int
    edges: Floats
    """Of the bands, Hz, shape (BANDS + 1,)."""
    original: Version
    reconstruction: Version

    def hertz(self, band: int) -> float:
        """The middle of a band, Hz: geometric, as ears hear it."""
        return float(np.sqrt(self.edges[band] * self.edges[band + 1]))

    @property
    def average_difference(self) -> Floats:
        """By how much the reconstruction has more power than the original in each band, dB, shape (BANDS,)."""
        return decibel(self.reconstruction.mel.mean(axis=1)) - decibel(self.original.mel.mean(axis=1))

    def strongest(self, band: int) -> float:
        """Where in a band the reconstruction has most more than the original, Hz; to a bin of the transform."""
        hertz = np.arange(len(self.original.average)) * self.rate / _WINDOW
        inside = np.flatnonzero((hertz >= self.edges[band]) & (hertz < self.edges[band + 1]))
        if not inside.size:
            return self.hertz(band)
        excess = self.reconstruction.average[inside] - self.original.average[inside]
        return float(hertz[inside[int(np.argmax(excess))]])


@lru_cache(maxsize=16)
def clip_picture(original: Path, reconstruction: Path, _changed: tuple[int, int]) -> ClipPicture:
    """Decode and transform both; takes about a tenth of a second, so a thread does it.

    Args:
        original: An audio file.
        reconstruction: Another one.
        _changed: When the files were last changed: another picture is made when they have been.

    Raises:
        SoundError: One of them cannot be read.
    """
    first, rate = _decode(original)
    second, other_rate = _decode(reconstruction)
    # Columns are times, so both have the length of the shorter; another rate has other bins and only bands in common.
    seconds = min(len(first) / rate, len(second) / other_rate)
    highest = min(rate, other_rate) / 2
    edges = _hertz(np.linspace(_mel(_LOWEST), _mel(highest), BANDS + 1))
    versions = [_version(sound[: int(seconds * hz)], hz, edges) for sound, hz in ((first, rate), (second, other_rate))]
    bins = min(len(version.average) for version in versions)
    kept = [Version(version.mel, version.peaks, version.average[:bins]) for version in versions]
    return ClipPicture(seconds, rate, edges, kept[0], kept[1])


def decibel(power: Floats) -> Floats:
    """dB of a power, -100 at least."""
    return np.asarray(10 * np.log10(np.maximum(power, _FLOOR)))


def fitted(image: Floats, rows: int, columns: int) -> Floats:
    """An image of another size: the mean along time, the most along frequency, so that a thin line stays."""
    return _resized(_resized(image, columns, 1, np.add), rows, 0, np.maximum)


def _resized(image: Floats, size: int, axis: int, how: np.ufunc) -> Floats:
    length = image.shape[axis]
    if size >= length:
        return np.asarray(np.take(image, np.arange(size) * length // size, axis=axis))
    begin = np.arange(size) * length // size
    joined = how.reduceat(image, begin, axis=axis)
    if how is np.add:
        shape = [1, 1]
        shape[axis] = size
        joined = joined / np.diff(np.append(begin, length)).reshape(shape)
    return np.asarray(joined)


def _decode(path: Path) -> tuple[Floats, int]:
    """Mono, shape (samples,), and its rate, Hz."""
    audio, rate = read_beginning(path, LONGEST)
    return audio.mean(axis=1).astype(np.float64), rate


def _version(sound: Floats, rate: int, edges: Floats) -> Version:
    padded = np.pad(sound, (0, max(0, _WINDOW - len(sound))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    window = np.hanning(_WINDOW)
    power = np.abs(np.fft.rfft(frames * window, axis=1) / (window.sum() / 2)) ** 2
    hertz = np.arange(power.shape[1]) * rate / _WINDOW
    begin = np.minimum(np.searchsorted(hertz, edges), power.shape[1] - 1)
    # A band narrower than a bin has what the bin at its lower edge has.
    mel = np.stack([power[:, low : max(high, low + 1)].sum(axis=1) for low, high in pairwise(begin.tolist())])
    columns = min(COLUMNS, max(mel.shape[1], 1))
    cuts = np.arange(columns) * len(padded) // columns
    peaks = np.stack([np.minimum.reduceat(padded, cuts), np.maximum.reduceat(padded, cuts)])
    return Version(_resized(mel, columns, 1, np.add), peaks, power.mean(axis=0))


def _mel(hertz: float) -> float:
    """Mels, by O'Shaughnessy's formula."""
    return float(2595 * np.log10(1 + hertz / 700))


def _hertz(mel: Floats) -> Floats:
    return np.asarray(700 * (10 ** (mel / 2595) - 1))
