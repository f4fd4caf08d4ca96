"""What the encoder says of the latent."""

from typing import NamedTuple

import torch
from torch import Tensor


class Posterior(NamedTuple):
    """A diagonal normal distribution over the latent, frame by frame."""

    mean: Tensor
    """(batch, latent_size, frames)."""
    scale: Tensor
    """Standard deviation (batch, latent_size, frames), positive."""

    def sample(self) -> Tensor:
        """Draw a latent (batch, latent_size, frames), differentiably, from torch's global random state."""
        return self.mean + self.scale * torch.randn_like(self.mean)

    def kl(self) -> Tensor:
        """Divergence from the standard normal: summed over dimensions, mean over batch and frames, a scalar.

        Twice the Kullback-Leibler divergence in nats: the reference leaves out the half, and its weight ``beta`` is
        meant for that.
        """
        variance = self.scale.square()
        return (self.mean.square() + variance - variance.log() - 1).sum(1).mean()
