"""An embedding that needs no weights: statistics of the log-mel spectrum."""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from ravetui.errors import ScoreError
from ravetui.metrics.catalogue import EMBEDDERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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
        self.n_fft = 2 ** round(math.log2(FRAME_SECONDS * sampling_rate))
        self.hop_length = self.n_fft // 4

    @cached_property
    def _taper(self) -> NDArray[np.float32]:
        """With it a sine of amplitude 1 has a power of 1 in its bin, (n_fft,)."""
        import numpy as np

        hann = np.hanning(self.n_fft + 1)[:-1]
        return np.asarray(hann / (hann.sum() / 2), dtype=np.float32)

    @cached_property
    def _filters(self) -> NDArray[np.float32]:
        """Filters that average the bins below them: of unit area, times the bin's width, (bands, n_fft // 2 + 1)."""
        import numpy as np

        # numpy is loaded when something is embedded, so that a score out of the cache does without.
        from ravetui.metrics.mel_filters import mel_filters

        filters = mel_filters(self.sampling_rate, self.n_fft, BANDS)
        return np.asarray(filters * self.sampling_rate / self.n_fft, dtype=np.float32)

    def embed(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embed one-second windows of mono audio.

        Args:
            windows: Audio in ±1, (n, sampling_rate).

        Returns:
            Scaled level of each band, then scaled spread of each band, (n, 64); finite for silence.
        """
        import numpy as np

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
        import numpy as np

        frames = np.lib.stride_tricks.sliding_window_view(windows, self.n_fft, axis=1)[:, :: self.hop_length]
        spectrum = np.fft.rfft(frames * self._taper)
        power = spectrum.real**2 + spectrum.imag**2
        bands = np.maximum(power @ self._filters.T, np.float32(10 ** (FLOOR_DB / 10)))
        return np.asarray(10 * np.log10(bands), dtype=np.float32)
