"""The seven attributes of one sound."""

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.timbre.hardness import hardness
from ravetui.metrics.timbre.level import normalised
from ravetui.metrics.timbre.loud import boominess, sharpness
from ravetui.metrics.timbre.sound import TimbreSound
from ravetui.metrics.timbre.spectral import brightness, depth, roughness
from ravetui.metrics.timbre.warmth import warmth

ATTRIBUTES = (hardness, depth, brightness, roughness, warmth, sharpness, boominess)


def timbre(audio: NDArray[np.float64], rate: int) -> list[float]:
    """Hardness, depth, brightness, roughness, warmth, sharpness, boominess, each clipped to 0 … 100.

    Args:
        audio: Mono in ±1, (samples,), at least a tenth of a second.
        rate: Hz, at least 28 000.
    """
    level = normalised(audio - audio.mean(), rate)
    if level is None:
        return [0.0] * len(ATTRIBUTES)
    sound = TimbreSound(level, rate)
    return [min(max(attribute(sound), 0.0), 100.0) for attribute in ATTRIBUTES]
