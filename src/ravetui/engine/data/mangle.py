"""A random all-pass filter: other phases, same spectrum, so that the model does not learn phases by heart."""

import numpy as np
from numpy.typing import NDArray

_LOWEST, _HIGHEST = 20.0, 2000.0
"""Range of the pole's frequency, Hz: the reference's."""
_RADIUS = 0.99
"""The pole's amplitude: the reference's."""


def phase_mangle(audio: NDArray[np.float32], sampling_rate: int, random: np.random.Generator) -> NDArray[np.float32]:
    """Filter with a second-order all-pass whose pole's frequency is drawn log-uniformly.

    H(z) = (r² − 2 r cos θ z⁻¹ + z⁻²) / (1 − 2 r cos θ z⁻¹ + r² z⁻²), in double precision.

    Args:
        audio: (channels, frames); all channels get the same filter.
        sampling_rate: Hz.
        random: One number is drawn from it.

    Returns:
        The filtered audio, of the same shape.
    """
    from scipy.signal import lfilter

    frequency = np.exp(random.uniform(np.log(_LOWEST), np.log(_HIGHEST)))
    middle = -2 * _RADIUS * np.cos(2 * np.pi * frequency / sampling_rate)
    outer = _RADIUS**2
    filtered = lfilter([outer, middle, 1.0], [1.0, middle, outer], audio.astype(np.float64))
    return np.asarray(filtered, np.float32)
