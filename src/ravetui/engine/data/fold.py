"""How the channels of a file become the channels of a dataset."""

import numpy as np
from numpy.typing import NDArray

_LEFT, _RIGHT, _BOTH, _NONE = (1.0, 0.0), (0.0, 1.0), (0.5**0.5, 0.5**0.5), (0.0, 0.0)
_REAR_LEFT, _REAR_RIGHT = (0.5**0.5, 0.0), (0.0, 0.5**0.5)

_STEREO = {
    3: (_LEFT, _RIGHT, _BOTH),
    4: (_LEFT, _RIGHT, _REAR_LEFT, _REAR_RIGHT),
    5: (_LEFT, _RIGHT, _BOTH, _REAR_LEFT, _REAR_RIGHT),
    6: (_LEFT, _RIGHT, _BOTH, _NONE, _REAR_LEFT, _REAR_RIGHT),
    8: (_LEFT, _RIGHT, _BOTH, _NONE, _REAR_LEFT, _REAR_RIGHT, _REAR_LEFT, _REAR_RIGHT),
}
"""Gains to left and right of each channel in WAVE order, after ITU-R BS.775: the centre and the rear are 3 dB down and
the low-frequency channel is left out."""


def fold_matrix(source: int, wanted: int) -> NDArray[np.float32] | None:
    """Gains, (source channels, wanted channels), to multiply audio of (frames, source channels) with.

    To mono is the mean of all channels; from mono is a copy; surround to stereo is the usual downmix; otherwise channel
    i goes to channel i modulo the wanted number, or a missing channel repeats an earlier one. The gains into a channel
    sum to 1, so that folding cannot clip. None means that nothing changes.
    """
    if source == wanted:
        return None
    if wanted == 1:
        gains = np.ones((source, 1))
    elif wanted == 2 and source in _STEREO:
        gains = np.array(_STEREO[source])
    else:
        into, out = np.arange(source), np.arange(wanted)
        gains = (into[:, None] % min(source, wanted) == out[None] % min(source, wanted)).astype(float)
    return np.asarray(gains / gains.sum(axis=0), np.float32)
