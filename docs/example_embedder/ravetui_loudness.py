"""An embedder in a package of its own: how loud each half second is and how far its peaks stand out."""

import numpy as np
from numpy.typing import NDArray


class LoudnessEmbedder:
    """Level and crest factor of half a second, both in dB.

    Args:
        sampling_rate: Of the audio to be scored, Hz. An embedder that wants another rate ignores it and says its own.
    """

    name = "loudness"
    label = "loudness (level and crest factor)"
    version = "1"
    dimensions = 2
    padding = "wrap"
    attributes = ("level", "crest")

    def __init__(self, sampling_rate: int) -> None:
        self.sampling_rate = sampling_rate
        self.window = sampling_rate // 2

    def embed(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embed windows of mono audio in ±1, (n, window), as (n, 2)."""
        power = np.maximum(np.mean(windows**2, axis=1), 1e-10)
        peak = np.maximum(np.abs(windows).max(axis=1), 1e-5)
        return np.stack([10 * np.log10(power), 20 * np.log10(peak) - 10 * np.log10(power)], axis=1)
