"""Warmth: energy from the fundamental to 260 Hz, loudness of the low and high Bark bands, and how straight the treble
falls. Regression of D5.8 (Pearce 2018).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import spectrogram

from ravetui.metrics.timbre.peaks import contrasting_peaks, refined
from ravetui.metrics.timbre.sound import TimbreSound

Floats = NDArray[np.float64]

SIZE = 8192
WARM_HERTZ = 260.0
HIGHEST = 12000.0
"""Hz: the warm region ends here at the latest."""


def warmth(sound: TimbreSound) -> float:
    """Warmth on the scale of D5.8."""
    # A part that is constant has no spectrum; not all of a sound is.
    parts = [part for part in sound.between_onsets() if part.std() > 1e-9] or [sound.audio]
    measured = np.array([_segment(part, sound.rate) for part in parts])
    rms = np.sqrt([np.mean(part**2) for part in parts])
    centroid = np.log10(measured[:, 0].mean())
    low = sound.bark_level(10, 40).mean()
    high = np.average(sound.bark_level(80, 240), weights=sound.block_rms)
    ratio = np.average(measured[:, 1], weights=rms)
    terms = np.array([centroid, high, low, measured[:, 2].mean(), ratio])
    weights = np.array(
        [-4.464258317026696, -0.08819320850778556, 0.29156539973575546, 17.274733561081554, 8.403340066029507]
    )
    return float(terms @ weights + 45.21212125085579)


def _segment(part: Floats, rate: int) -> tuple[float, float, float]:
    """Of one sound: its centroid in Hz, the share of energy that is warm, and how well a line fits its treble, r²."""
    size = min(part.size, SIZE)
    hertz, _, power = spectrogram(part, rate, nperseg=size, noverlap=size // 8, nfft=SIZE)
    spectrum = power.sum(axis=1)
    spectrum /= spectrum.max()
    positions = contrasting_peaks(spectrum, 0.2)
    first = int(positions[0]) if positions.size else int(spectrum.argmax())
    exact, _ = refined(spectrum, np.array([first]))
    fundamental = float(exact[0] * hertz[1])
    warm = spectrum[first : np.searchsorted(hertz, WARM_HERTZ, "right")].sum() if fundamental < WARM_HERTZ else 0.0
    treble = np.searchsorted(hertz, min(3.5 * fundamental, HIGHEST), "right")
    return (
        float(hertz @ spectrum / spectrum.sum()),
        float(warm / spectrum.sum()),
        _fit(np.log10(hertz[max(treble, 1) :]), np.log10(np.maximum(spectrum[max(treble, 1) :], 1e-30))),
    )


def _fit(x: Floats, y: Floats) -> float:
    """Share of the variance that a straight line explains."""
    spread = np.std(x) * np.std(y)
    return float((np.mean((x - x.mean()) * (y - y.mean())) / spread) ** 2) if spread > 0 else 0.0
