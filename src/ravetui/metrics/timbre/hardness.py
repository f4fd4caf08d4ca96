"""Hardness: how fast, how wide and how percussive sounds begin. Regression of D5.8 (Pearce 2018)."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from scipy.signal import istft, spectrogram, stft

from ravetui.metrics.timbre.onsets import HOP, envelope, find_onsets, onset_strength
from ravetui.metrics.timbre.sound import TimbreSound

Floats = NDArray[np.float64]

PAD = 4096
"""Samples of silence before the sound, so that one that begins at once has an attack."""
ATTACK_SECONDS, CENTROID_SECONDS = 0.1, 0.125
STEP = 128
ROLL_OFF = 10 ** (-75 / 20)
LEAST_CENTROID = 200.0
"""Hz."""


def hardness(sound: TimbreSound) -> float:
    """Hardness on the scale of D5.8."""
    audio, rate = np.pad(sound.audio, (PAD + 1, 0)), sound.rate
    levels = envelope(audio, rate, 0.1)
    onsets = find_onsets(audio, rate, levels)
    onsets = onsets if len(onsets) > 1 else [0]
    strength, width = onset_strength(audio, rate), _bandwidth(audio, rate)
    attacks, strengths, centroids, widths, weights = [], [], [], [], []
    for start, end in zip(onsets, [*onsets[1:], audio.size], strict=True):
        seconds, begin = attack(levels[start:end], rate)
        attacks.append(np.log10(seconds))
        strengths.append(strength[start // HOP : max(end // HOP, start // HOP + 1)].max(initial=0.0))
        piece = audio[start + begin : min(start + begin + int(CENTROID_SECONDS * rate), end)]
        if piece.size > 512 and piece.any():
            centroids.append(_centroid(piece, rate))
        first = max(start - PAD, 0) // STEP
        part = width[first : max((end - PAD) // STEP, first + 1)]
        if part.size and part.max() > 0:
            _, beginning = attack(part, rate / STEP)
            frames = int(ATTACK_SECONDS * rate / STEP)
            widths.append(part[beginning : beginning + frames].max())
            weights.append(strengths[-1])
    bandwidth = np.average(widths, weights=np.maximum(weights, 1e-6)) if widths else 0.0
    terms = [
        np.log10(bandwidth if bandwidth > 512 else rate / 512),
        np.log10(max(float(np.mean(centroids)) if centroids else 0.0, LEAST_CENTROID)),
        np.log10(max(float(np.average(sound.bark_level(70, 140), weights=sound.block_rms)), 1e-6)),
        np.log10(max(percussive_share(sound.audio), 1e-6)),
        np.log10(max(float(np.mean(strengths)), 1e-6)),
        float(np.mean(attacks)),
    ]
    weighted = np.array(terms) @ [
        12.079781720638145, 18.52100377170042, 14.139883645260355, 5.567690321917516, 3.9346817690405635,
        -4.326890461087848,
    ]  # fmt: skip
    return float(weighted - 85.60352209068202)


def attack(levels: Floats, rate: float) -> tuple[float, int]:
    """Time of an attack in seconds, at most 100 ms, and where it begins, by least effort (Peeters et al. 2011, 2.4).

    The rise is divided into steps of equal height; it is an attack while none takes three times as long as the mean.
    """
    peak = int(levels.argmax())
    if peak == 0:
        return 1 / rate, 0
    before = levels[:peak]
    low = int(np.flatnonzero(before == before.min())[-1])
    rise = levels[low : peak + 1]
    heights = rise.min() + np.ptp(rise) * np.linspace(0.1, 0.9, 9)
    reached = np.array([int(np.argmax(rise >= height)) for height in heights])
    effort = np.diff(reached)
    easy = effort <= 3 * effort.mean()
    start = int(np.argmax(easy))
    hard = np.flatnonzero(~easy[start:])
    end = start + (int(hard[0]) if hard.size else len(effort) - 1 - start)
    first, last = int(reached[start]), int(reached[end])
    if first == last:
        first, last = int(reached[0]), int(reached[-1])
    seconds = (last - first + 1) / rate if last > first else 1 / rate
    return min(seconds, ATTACK_SECONDS), low + first


def percussive_share(audio: Floats) -> float:
    """Share of the percussive part in the level, by median filters along time and frequency (Fitzgerald 2010)."""
    _, _, spectrum = stft(audio, nperseg=2048, noverlap=1536)
    magnitude = np.abs(spectrum).astype(np.float32)
    harmonic = median_filter(magnitude, (1, 31)) ** 2
    percussive = median_filter(magnitude, (31, 1)) ** 2
    total = np.maximum(harmonic + percussive, np.finfo(np.float32).tiny)
    levels = [
        _level(istft(spectrum * (mask / total), nperseg=2048, noverlap=1536)[1]) for mask in (harmonic, percussive)
    ]
    return float(levels[1] / max(sum(levels), 1e-12))


def _level(part: Floats) -> float:
    """Sum of the root mean squares of overlapping frames."""
    frames = np.lib.stride_tricks.sliding_window_view(part, 1024)[::512]
    return float(np.sqrt(np.mean(frames**2, axis=1)).sum())


def _centroid(piece: Floats, rate: int) -> float:
    """Hz, of the magnitudes above 20 Hz."""
    length = 2 ** int(np.ceil(np.log2(piece.size)))
    magnitude, hertz = np.abs(np.fft.rfft(piece, length)), np.fft.rfftfreq(length, 1 / rate)
    above = hertz >= 20
    return float(hertz[above] @ magnitude[above] / max(magnitude[above].sum(), 1e-12))


def _bandwidth(audio: Floats, rate: int) -> Floats:
    """Hz from where 5 % of the magnitude are reached to the highest above -75 dB, each 128 samples; 0 where quiet."""
    hertz, _, magnitude = spectrogram(audio, rate, "boxcar", PAD, PAD - STEP, scaling="density", mode="magnitude")
    level = magnitude.sum(axis=0)
    loud = level > level.min() + 0.1 * np.ptp(level)
    low = hertz[np.argmax(np.cumsum(magnitude, axis=0) >= 0.05 * level, axis=0)]
    present = magnitude >= ROLL_OFF
    high = hertz[len(hertz) - 1 - np.argmax(present[::-1], axis=0)]
    return np.where(loud & present.any(axis=0), high - low, 0.0)
