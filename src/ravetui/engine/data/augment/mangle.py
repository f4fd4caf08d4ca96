"""A random all-pass filter: other phases, same spectrum, so that the model does not learn phases by heart."""

import numpy as np
from numpy.typing import NDArray

from ravetui.engine.data.augment.biquad import Biquad

_LOWEST, _HIGHEST = 20.0, 2000.0
"""Range of the pole's frequency, Hz: the reference's."""
_RADIUS = 0.99
"""The pole's amplitude: the reference's."""


def draw_pole(random: np.random.Generator) -> float:
    """A frequency of the all-pass's pole, log-uniform, Hz; one number is drawn."""
    return float(np.exp(random.uniform(np.log(_LOWEST), np.log(_HIGHEST))))


def all_pass(frequency: float, sampling_rate: int) -> Biquad:
    """H(z) = (r² − 2 r cos θ z⁻¹ + z⁻²) / (1 − 2 r cos θ z⁻¹ + r² z⁻²)."""
    middle = float(-2 * _RADIUS * np.cos(2 * np.pi * frequency / sampling_rate))
    outer = _RADIUS**2
    return Biquad((outer, middle, 1.0), (1.0, middle, outer))


def phase_mangle(audio: NDArray[np.float32], sampling_rate: int, frequency: float) -> NDArray[np.float32]:
    """Filter with a second-order all-pass in double precision.

    Args:
        audio: (channels, frames); all channels get the same filter.
        sampling_rate: Hz.
        frequency: Of the pole, Hz.

    Returns:
        The filtered audio, of the same shape.
    """
    return all_pass(frequency, sampling_rate).filter(audio.astype(np.float64)).astype(np.float32)
