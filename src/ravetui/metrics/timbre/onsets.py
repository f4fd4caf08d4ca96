"""Where sounds begin: what depth, hardness and warmth are measured from."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d
from scipy.signal import stft

from ravetui.metrics.mel_filters import mel_filters

Floats = NDArray[np.float64]

N_FFT, HOP, BANDS = 2048, 512, 128
STRENGTH = 3.0
"""dB of mean rise over all bands that an onset must reach before the next."""
HOLD_SECONDS = 0.01


def onset_strength(audio: Floats, rate: int) -> Floats:
    """Mean rise of 128 mel bands in dB from frame to frame, one value each 512 samples (Böck & Widmer 2013)."""
    _, _, spectrum = stft(audio, nperseg=N_FFT, noverlap=N_FFT - HOP, scaling="spectrum", padded=False)
    power = np.abs(spectrum * N_FFT / 2) ** 2
    level = 10 * np.log10(np.maximum(mel_filters(rate, N_FFT, BANDS) @ power, 1e-10))
    level = np.maximum(level, level.max() - 80)
    rise = np.maximum(np.diff(level, axis=1), 0).mean(axis=0)
    # The rise from frame k to k + 1 is that of the sound in the middle of their windows.
    return np.concatenate([np.zeros(1 + N_FFT // (2 * HOP)), rise])[: level.shape[1]]


def envelope(audio: Floats, rate: int, decay_seconds: float) -> Floats:
    """Sample and hold: follows every rise at once, holds 10 ms, then falls by full scale in ``decay_seconds``."""
    magnitudes = np.abs(audio)
    fall, hold = float(magnitudes.max()) / (decay_seconds * rate), HOLD_SECONDS * rate
    made, held, level = [], 0, 0.0
    for value in magnitudes.tolist():
        if value >= level:
            level, held = value, 0
        elif held < hold:
            held += 1
        else:
            level = max(level - fall, value)
        made.append(level)
    return np.array(made)


def find_onsets(audio: Floats, rate: int, levels: Floats) -> list[int]:
    """Samples at which sounds begin; [0] where none stands out.

    A peak of the onset strength (Böck et al. 2012) is moved back to where the envelope begins to rise; it counts if
    the envelope rises by a tenth of its range after it and the strength reaches 3 dB; of two within 100 ms the first.

    Args:
        audio: Mono, (samples,).
        rate: Hz.
        levels: Its envelope.
    """
    strength = onset_strength(audio, rate)
    range_ = float(levels.max() - levels.min())
    found: list[int] = []
    for frame in _strength_peaks(strength, rate):
        onset = _beginning(min(frame * HOP, len(levels) - 1), levels, rate, 0.1 * range_)
        if onset not in found:
            found.append(onset)
    found.sort()
    kept: list[int] = []
    for onset, end in zip(found, [*found[1:], len(levels)], strict=True):
        part, frames = levels[onset:end], strength[onset // HOP : max(math.ceil(end / HOP), onset // HOP + 1)]
        peak = int(part.argmax())
        rises = peak > 0 and part[peak] - part[:peak].min() >= 0.1 * range_
        apart = not kept or onset - kept[-1] >= 0.1 * rate
        if rises and apart and frames.max(initial=0) >= STRENGTH:
            kept.append(onset)
    return kept or [0]


def _strength_peaks(strength: Floats, rate: int) -> list[int]:
    """Frames whose strength is the largest of the last 30 ms and above the mean around it, moved back to a dip."""
    scaled = strength - strength.min()
    scaled /= scaled.max() + 1e-12
    before, around = int(0.03 * rate / HOP), int(0.1 * rate / HOP)
    largest = maximum_filter1d(scaled, before + 1, origin=before // 2)
    mean = uniform_filter1d(scaled, 2 * around + 1)
    frames = np.flatnonzero((scaled == largest) & (scaled >= mean + 0.07))
    dips = np.flatnonzero((scaled[1:-1] <= scaled[:-2]) & (scaled[1:-1] < scaled[2:])) + 1
    kept: list[int] = []
    last = -math.inf
    for frame in frames.tolist():
        if frame - last > before:
            last = frame
            earlier = dips[dips <= frame]
            kept.append(int(earlier[-1]) if earlier.size else 0)
    return kept


def _beginning(onset: int, levels: Floats, rate: int, step: float) -> int:
    """Walk back to the lowest point before an onset; dips within 300 ms and below ``step`` are crossed."""
    near, far = int(0.02 * rate), int(0.3 * rate)
    while onset > 0:
        part = levels[max(onset - near, 0) : onset]
        if part.min() <= levels[onset]:
            onset = max(onset - near, 0) + int(part.argmin())
            continue
        part = levels[max(onset - far, 0) : onset]
        lower = np.flatnonzero(part < levels[onset])
        if not lower.size or np.ptp(part[lower[-1] :]) >= step:
            return onset
        onset = max(onset - far, 0) + int(lower[-1])
    return onset
