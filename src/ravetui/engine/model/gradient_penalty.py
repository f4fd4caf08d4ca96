"""How steep a discriminator is at real audio."""

from collections.abc import Sequence

import torch
from torch import Tensor


def gradient_penalty(real_scores: Sequence[Tensor], audio: Tensor) -> Tensor:
    """R1 (Mescheder et al., arXiv 1801.04406, equation 9), without its weight, a scalar that can be differentiated.

    ``mean over crops of |gradient of D(x) by x|^2 / 2``, where ``D(x)`` is a crop's mean score summed over networks,
    as in the hinge losses.

    Args:
        real_scores: One score tensor (batch, 1, …) a network, computed from ``audio``.
        audio: Real crops (batch, channels, samples) that ask for a gradient.
    """
    judged = torch.stack([score.flatten(1).mean(1).sum() for score in real_scores]).sum()
    (slope,) = torch.autograd.grad(judged, audio, create_graph=True)
    return slope.square().flatten(1).sum(1).mean() / 2
