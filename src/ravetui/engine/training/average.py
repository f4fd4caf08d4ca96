"""The average of a network's weights over the steps of its training."""

import copy

import torch
from torch.optim.swa_utils import get_ema_multi_avg_fn

from ravetui.engine.model.rave import RAVE


class WeightAverage:
    """An exponential moving average of encoder and generator.

    After step ``t``, with weights ``w``: ``average = d * average + (1 - d) * w``, where ``d`` is ``decay`` but no more
    than ``(1 + t) / (10 + t)``, so that the weights of the first steps are soon forgotten (TensorFlow's
    ``ExponentialMovingAverage`` with ``num_updates``). Buffers, such as batch statistics, are averages already and are
    copied.

    Args:
        rave: Where the average begins.
        decay: Weight of the past, 0 to below 1.
    """

    def __init__(self, rave: RAVE, decay: float) -> None:
        self.decay = decay
        self.rave = copy.deepcopy(rave).requires_grad_(requires_grad=False).eval()
        """The network with averaged weights, always in evaluation mode."""

    @torch.no_grad()
    def follow(self, rave: RAVE, step: int) -> None:
        """Take the weights after ``step`` steps into the average."""
        blend = get_ema_multi_avg_fn(min(self.decay, (1 + step) / (10 + step)))  # type: ignore[no-untyped-call]
        blend(list(self.rave.parameters()), list(rave.parameters()), step)
        for kept, now in zip(self.rave.buffers(), rave.buffers(), strict=True):
            kept.copy_(now)
