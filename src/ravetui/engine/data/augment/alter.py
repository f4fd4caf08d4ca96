"""Everything that is done to a crop, in order."""

import numpy as np
from numpy.typing import NDArray

from ravetui.engine.data.augment.alteration import Alteration
from ravetui.engine.data.augment.compress import compress
from ravetui.engine.data.augment.equalise import equalise
from ravetui.engine.data.augment.gain import amplitude_of
from ravetui.engine.data.augment.mangle import phase_mangle
from ravetui.engine.data.augment.speed import change_speed


def alter(audio: NDArray[np.float32], sampling_rate: int, what: Alteration, crop: int) -> NDArray[np.float32]:
    """Change speed, phases, spectrum, dynamics and level, or mute.

    Args:
        audio: (channels, frames): ``crop`` frames, or as many as ``what.speed`` reads.
        sampling_rate: Hz.
        what: The parameters.
        crop: Frames wanted.

    Returns:
        (channels, crop); ``audio`` may be overwritten for it.
    """
    if what.mute:
        return np.zeros((audio.shape[0], crop), np.float32)
    if what.speed is not None:
        audio = change_speed(audio, what.speed, crop)
    if what.pole is not None:
        audio = phase_mangle(audio, sampling_rate, what.pole)
    if what.equalise is not None:
        audio = equalise(audio, sampling_rate, what.equalise)
    if what.compress is not None:
        audio = compress(audio, sampling_rate, what.compress)
    if what.gain:
        audio *= np.float32(amplitude_of(what.gain))
    return audio
