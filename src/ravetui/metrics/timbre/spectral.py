"""Brightness, depth and roughness: what the spectrum says. Regressions of D5.8 (Pearce 2018)."""

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.timbre.onsets import envelope, find_onsets
from ravetui.metrics.timbre.peaks import contrasting_peaks, refined
from ravetui.metrics.timbre.sound import TimbreSound, filtered, power_frames

Floats = NDArray[np.float64]

FLOOR = 1e-12
"""Below it a ratio counts as this, so that its logarithm exists."""


def brightness(sound: TimbreSound) -> float:
    """From the share of energy above 2 kHz and the centroid above 100 Hz."""
    audio = filtered(sound.audio, 20, "highpass", sound.rate)
    _, whole = power_frames(audio, sound.rate, 2048)
    _, above = power_frames(filtered(audio, 2000, "highpass", sound.rate), sound.rate, 2048)
    hertz, middle = power_frames(filtered(audio, 100, "highpass", sound.rate), sound.rate, 2048)
    ratio = above.sum() / max(whole.sum(), FLOOR)
    centroid = (hertz @ middle).sum() / max(middle.sum(), FLOOR)
    terms = np.log10(np.maximum([ratio, centroid], FLOOR))
    return float(terms @ [4.613128018020465, 17.378889309312974] + 17.434733750553022)


def depth(sound: TimbreSound) -> float:
    """From the centroid below 2 kHz, the share of energy below 500 Hz, how long sounds last, and the lowest partial."""
    audio = filtered(sound.audio, 20, "highpass", sound.rate)
    audio = audio / np.abs(audio).max()
    hertz, whole = power_frames(audio, sound.rate, 4096)
    _, low = power_frames(filtered(audio, 2000, "lowpass", sound.rate), sound.rate, 4096)
    _, lowest = power_frames(filtered(audio, 500, "lowpass", sound.rate), sound.rate, 4096)
    power = whole.sum(axis=0)
    # Frames below -60 dB count, as nothing.
    weights = np.where(power > 1e-3, power, 0) / power.sum()
    centroid = min(weights @ ((hertz @ low) / np.maximum(low.sum(axis=0), FLOOR)), 2000.0)
    ratio = weights @ (lowest.sum(axis=0) / np.maximum(power, FLOOR))
    length = np.log10(_mean_length(audio, sound.rate))
    spectrum = whole.sum(axis=1)
    spectrum = (spectrum - spectrum.min()) / np.ptp(spectrum)
    positions, _ = refined(spectrum, contrasting_peaks(spectrum, 0.01))
    partial = np.log10(max(positions.min() * hertz[1], 1.0)) if positions.size else 0.0
    sigmoid = ratio**10 / (ratio**10 + 0.2)
    terms = np.array([centroid, ratio, length, partial, ratio * length, sigmoid * length])
    weights = np.array(
        [-0.0043703565847874465, 32.83743202462131, 4.750862716905235, -14.217438690256062, 3.8782339862813924,
         -0.8544826091735516]
    )  # fmt: skip
    return float(terms @ weights + 66.69534393444391)


def _mean_length(audio: Floats, rate: int) -> float:
    """Seconds from a sound's loudest point until it has fallen to -40 dB of the loudest of all, or the next begins.

    Samples that fill no frame are left out: few as they are, they would often be the loudest frame of a steady sound,
    as they are in the program of D5.8.
    """
    onsets = find_onsets(audio, rate, envelope(audio, rate, 0.2))
    hop = 256
    frames = np.sqrt(np.mean(audio[: audio.size // hop * hop].reshape(-1, hop) ** 2, axis=1))
    frames /= frames.max()
    lengths = []
    for start, end in zip(onsets, [*onsets[1:], audio.size], strict=True):
        part = frames[start // hop : max(end // hop, start // hop + 1)]
        if part.size:
            tail = part[part.argmax() :]
            quiet = np.flatnonzero(tail < 0.01)
            lengths.append((quiet[0] if quiet.size else tail.size) * hop / rate)
    return max(float(np.mean(lengths)) if lengths else 0.0, hop / rate)


def roughness(sound: TimbreSound) -> float:
    """Beating of each pair of partials, of frames of 50 ms (Vassilakis 2007), on the scale of D5.8."""
    size = int(0.05 * sound.rate)
    padded = np.pad(sound.audio, (512, 0))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[:: size // 2]
    length = 2 ** int(np.log2(size) + 1)
    spectra = np.abs(np.fft.rfft(frames * np.hamming(size + 2)[1:-1], length))
    scaled = (spectra - spectra.min()) / np.ptp(spectra)
    beats = [_beating(*_partials(*pair, sound.rate / length)) for pair in zip(scaled, spectra, strict=True)]
    mean = float(np.mean(beats))
    return 0.0 if mean < 0.01 else 13.98779569 * np.log10(mean) + 48.97606571545886


def _partials(scaled: Floats, spectrum: Floats, bin_hertz: float) -> tuple[Floats, Floats]:
    """Hz and magnitude of the partials of a frame."""
    positions, heights = refined(spectrum, contrasting_peaks(scaled, 0.01))
    return positions * bin_hertz, heights


def _beating(hertz: Floats, magnitudes: Floats) -> float:
    """Roughness of all pairs: (ab)^0.1 / 2 (2 max(a, b) / (a + b))^3.11 (e^(-3.51 s d) - e^(-5.75 s d)).

    Vassilakis has the smaller magnitude in the second factor; the regression of D5.8 was fitted with the larger.
    """
    first, second = np.triu_indices(hertz.size, 1)
    if not first.size:
        return 0.0
    a, b = magnitudes[first], magnitudes[second]
    apart, below = np.abs(hertz[first] - hertz[second]), np.minimum(hertz[first], hertz[second])
    width = 0.24 / (0.0207 * below + 18.96)
    spread = np.exp(-3.51 * width * apart) - np.exp(-5.75 * width * apart)
    return float(((a * b) ** 0.1 * 0.5 * (2 * np.maximum(a, b) / (a + b)) ** 3.11 * spread).sum())
