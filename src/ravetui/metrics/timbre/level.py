"""Programme loudness, so that a timbre does not depend on gain: ITU-R BS.1770-4, normalised to -24 LUFS."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from ravetui.metrics.loudness import BLOCK_SECONDS, gated, head_shelf, high_pass

Floats = NDArray[np.float64]

TARGET = -24.0
"""LUFS."""


def normalised(audio: Floats, rate: int) -> Floats | None:
    """Audio at the target loudness, at most full scale; None where all of it is below the absolute gate.

    Args:
        audio: Mono, (samples,), at least one.
        rate: Hz.
    """
    loudness = integrated_loudness(audio, rate)
    if loudness is None:
        return None
    gained = audio * 10 ** ((TARGET - loudness) / 20)
    return gained / max(1.0, float(np.abs(gained).max()))


def integrated_loudness(audio: Floats, rate: int) -> float | None:
    """LUFS of blocks of 400 ms that overlap by three quarters, gated twice (BS.1770-4, annex 1)."""
    return gated(k_weighted(np.pad(audio, (0, max(0, int(BLOCK_SECONDS * rate) - audio.size))), rate) ** 2, rate)


def k_weighted(audio: Floats, rate: int) -> Floats:
    """A high shelf for the head, then a high pass, sample by sample."""
    return np.asarray(lfilter(*high_pass(rate), lfilter(*head_shelf(rate), audio)), dtype=np.float64)
