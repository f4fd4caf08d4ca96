"""Another level."""

import numpy as np


def draw_gain(random: np.random.Generator, largest: float) -> float:
    """A change of level, uniform from −largest to largest, dB."""
    return float(random.uniform(-largest, largest))


def amplitude_of(gain: float) -> float:
    """What a gain in dB multiplies amplitudes with."""
    return float(10 ** (gain / 20))
