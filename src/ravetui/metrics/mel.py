"""An embedding that needs no weights: statistics of the log-mel spectrum."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.catalogue import EMBEDDERS

BANDS = 32
FRAME_SECONDS = 0.046
"""Aimed-at length of an STFT frame; the true one is the nearest power of two, 2048 samples at 44.1 kHz."""
LOWEST_RATE = 4000
"""Hz; below it the lowest mel bands would hold no FFT bin."""
FLOOR_DB = -100.0
"""Quieter band powers count as this, dB relative to a full-scale sine: just above what 16 bits can hold."""
LEVEL_CENTRE, LEVEL_SCALE = -60.0, 20.0
"""dB: where a band's level maps to 0, and the step that maps to 1."""
SPREAD_CENTRE, SPREAD_SCALE = 6.0, 6.0
"""dB: the same for a band's standard deviation over time."""


class MelEmbedder:
    """Mean and standard deviation over time of 32 log-mel bands, one second at a time: 64 dimensions.

    Levels in dB share a large negative offset, which would make every cosine close to 1 and blind the kernel metrics.
    So each statistic is centred and scaled to order one, sign included, by fixed constants: never by the data, because
    then a vector would depend on the set it is in and stored scores would not be comparable.

    Args:
        sampling_rate: Rate of the audio, Hz; the bands reach half of it, so that nothing needs resampling, and scores
            at different rates are not comparable.

    Raises:
        ScoreError: The rate is below 4000 Hz.
    """

    name = "mel"
    label = EMBEDDERS["mel"].label
    version = "1"
    dimensions = 2 * BANDS
    padding: Literal["wrap", "zeros"] = "wrap"
    attributes: tuple[str, ...] = ()

    def __init__(self, sampling_rate: int) -> None:
        if sampling_rate < LOWEST_RATE:
            raise ScoreError(
                "Sampling rate",
                f"The mel embedding needs a sampling rate of at least {LOWEST_RATE} Hz, not {sampling_rate}.",
                "Train and score at a higher rate.",
            )
        self.sampling_rate = sampling_rate
        self.window = sampling_rate
        self.n_fft = 2 ** round(np.log2(FRAME_SECONDS * sampling_rate))
        self.hop_length = self.n_fft // 4
        hann = np.hanning(self.n_fft + 1)[:-1]
        # A sine of amplitude 1 has a power of 1 in its bin.
        self._taper = (hann / (hann.sum() / 2)).astype(np.float32)
        filters = mel_filters(sampling_rate, self.n_fft, BANDS)
        # Times the bin's width, a filter of unit area averages the bins below it.
        self._filters = (filters * sampling_rate / self.n_fft).astype(np.float32)

    def embed(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embed one-second windows of mono audio.

        Args:
            windows: Audio in ±1, (n, sampling_rate).

        Returns:
            Scaled level of each band, then scaled spread of each band, (n, 64); finite for silence.
        """
        levels = self.log_mel(windows)
        mean = (levels.mean(axis=1) - LEVEL_CENTRE) / LEVEL_SCALE
        spread = (levels.std(axis=1) - SPREAD_CENTRE) / SPREAD_SCALE
        return np.concatenate([mean, spread], axis=1).astype(np.float32)

    def log_mel(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Level of each mel band in each frame.

        Args:
            windows: Audio in ±1, (n, samples).

        Returns:
            dB relative to a full-scale sine, at least -100, (n, frames, bands).
        """
        frames = np.lib.stride_tricks.sliding_window_view(windows, self.n_fft, axis=1)[:, :: self.hop_length]
        spectrum = np.fft.rfft(frames * self._taper)
        power = spectrum.real**2 + spectrum.imag**2
        bands = np.maximum(power @ self._filters.T, np.float32(10 ** (FLOOR_DB / 10)))
        return np.asarray(10 * np.log10(bands), dtype=np.float32)


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


LINEAR_STEP = 200 / 3
"""Hz a mel, below the knee."""
KNEE_HZ, KNEE_MEL = 1000.0, 15.0
LOG_STEP = np.log(6.4) / 27
"""Natural logarithm of the frequency ratio of a mel, above the knee."""


def hz_to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Slaney's mel scale: linear below 1 kHz, logarithmic above."""
    above = KNEE_MEL + np.log(np.maximum(hz, KNEE_HZ) / KNEE_HZ) / LOG_STEP
    return np.where(hz < KNEE_HZ, hz / LINEAR_STEP, above)


def mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverse of `hz_to_mel`."""
    above = KNEE_HZ * np.exp(LOG_STEP * (mel - KNEE_MEL))
    return np.where(mel < KNEE_MEL, mel * LINEAR_STEP, above)
