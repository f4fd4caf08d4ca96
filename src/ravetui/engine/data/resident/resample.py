"""The change of speed of one crop on a device."""

import torch
from torch import Tensor
from torch.nn import functional

from ravetui.engine.data.augment.speed import STEPS, Speed


def change_speed(audio: Tensor, speed: Speed, crop: int) -> Tensor:
    """Compute what :func:`ravetui.engine.data.augment.speed.change_speed` does, each output frame as a dot product.

    Output frame m lies at m · numerator / STEPS input frames. It weighs the input frames up to there with every
    STEPS-th tap of the filter, from the m · numerator mod STEPS-th on.

    Args:
        audio: (channels, ``speed.frames(crop)``).
        speed: How many times as fast.
        crop: Frames wanted.

    Returns:
        (channels, crop).
    """
    taps = torch.from_numpy(speed.taps).to(audio.device)
    reach = -(-len(taps) // STEPS)
    # (STEPS, reach): the taps of each phase, the earliest input frame first.
    phases = functional.pad(taps, (0, reach * STEPS - len(taps))).reshape(reach, STEPS).flip(0).T
    position = torch.arange(speed.first, speed.first + crop, device=audio.device) * speed.numerator
    latest = position // STEPS
    # The taps that pad the filter are zero, and so are the frames before the first that they would meet.
    windows = functional.pad(audio, (reach - 1, 0)).unfold(-1, reach, 1)
    return (windows[:, latest] * phases[position % STEPS]).sum(dim=-1)
