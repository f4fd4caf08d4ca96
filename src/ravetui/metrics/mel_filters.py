"""Slaney's mel scale, and triangular filters on it."""

import numpy as np
from numpy.typing import NDArray

LINEAR_STEP = 200 / 3
"""Hz a mel, below the knee."""
KNEE_HZ, KNEE_MEL = 1000.0, 15.0
LOG_STEP = np.log(6.4) / 27
"""Natural logarithm of the frequency ratio of a mel, above the knee."""


def mel_filters(sampling_rate: int, n_fft: int, bands: int) -> NDArray[np.float64]:
    """Triangular filters of unit area on Slaney's mel scale, from 0 Hz to half the sampling rate.

    Each triangle spans the centres of its two neighbours (Slaney 1998, Auditory Toolbox, Interval TR 1998-010), as
    librosa's ``filters.mel`` does by default.

    Args:
        sampling_rate: Hz.
        n_fft: Samples of an STFT frame.
        bands: How many filters.

    Returns:
        Weights in 1/Hz, (bands, n_fft // 2 + 1).
    """
    bins = np.arange(n_fft // 2 + 1) * sampling_rate / n_fft
    edges = mel_to_hz(np.linspace(0.0, hz_to_mel(np.array(sampling_rate / 2)), bands + 2))
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (bins - low) / (centre - low)
    falling = (high - bins) / (high - centre)
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(triangles * 2 / (high - low), dtype=np.float64)


def hz_to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slaney's mel scale: linear below 1 kHz, logarithmic above."""
    above = KNEE_MEL + np.log(np.maximum(hz, KNEE_HZ) / KNEE_HZ) / LOG_STEP
    return np.where(hz < KNEE_HZ, hz / LINEAR_STEP, above)


def mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverse of `hz_to_mel`."""
    above = KNEE_HZ * np.exp(LOG_STEP * (mel - KNEE_MEL))
    return np.where(mel < KNEE_MEL, mel * LINEAR_STEP, above)
