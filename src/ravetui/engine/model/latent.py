"""What an encoder can say of the latent, and how that is kept near what one draws from without an input."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from ravetui.engine.model.residual_quantizer import ResidualQuantizer
from ravetui.runs.model_spec import ModelSpec


class Latent(Protocol):
    """What the encoder says of the latent, frame by frame."""

    @property
    def mean(self) -> Tensor:
        """The most likely latent (batch, latent_size, frames)."""

    def sample(self) -> Tensor:
        """Draw a latent (batch, latent_size, frames), differentiably, from torch's global random state."""

    def divergence(self) -> Tensor:
        """How far it is from the prior, a scalar; training weighs it with ``beta``."""


class Posterior(NamedTuple):
    """A diagonal normal distribution over the latent, frame by frame."""

    mean: Tensor
    """(batch, latent_size, frames)."""
    scale: Tensor
    """Standard deviation (batch, latent_size, frames), positive."""

    def sample(self) -> Tensor:
        """Draw a latent (batch, latent_size, frames), differentiably, from torch's global random state."""
        return self.mean + self.scale * torch.randn_like(self.mean)

    def divergence(self) -> Tensor:
        """Divergence from the standard normal: summed over dimensions, mean over batch and frames, a scalar.

        Twice the Kullback-Leibler divergence in nats: the reference leaves out the half, and its weight ``beta`` is
        meant for that.
        """
        variance = self.scale.square()
        return (self.mean.square() + variance - variance.log() - 1).sum(1).mean()

    def nats(self) -> Tensor:
        """Each dimension's Kullback-Leibler divergence from the standard normal, (batch, latent_size, frames), nats."""
        variance = self.scale.square()
        return (self.mean.square() + variance - variance.log() - 1) / 2


class Scattered(NamedTuple):
    """A point a frame; all of them together are to be spread like the standard normal (arXiv 1711.01558)."""

    mean: Tensor
    """(batch, latent_size, frames)."""

    def sample(self) -> Tensor:
        """The point itself."""
        return self.mean

    def divergence(self) -> Tensor:
        """Maximum mean discrepancy from as many draws of torch's global random state, a scalar.

        Of the kernel ``exp(-|x - y|^2 / latent_size^2)``, with each point's pair with itself (Zhao et al., arXiv
        1706.02262, whose bandwidth the reference has).
        """
        points = self.mean.transpose(1, 2).flatten(0, 1)
        draws = torch.randn_like(points)
        return _kernel_mean(points, points) + _kernel_mean(draws, draws) - 2 * _kernel_mean(points, draws)


class Directed(NamedTuple):
    """A point of the unit sphere a frame: nothing is left to keep near anything."""

    mean: Tensor
    """(batch, latent_size, frames), of norm 1 over its dimensions."""

    def sample(self) -> Tensor:
        """The point itself."""
        return self.mean

    def divergence(self) -> Tensor:
        """Zero."""
        return self.mean.new_zeros(())


class Head(NamedTuple):
    """How an encoder's output becomes a latent."""

    outputs: int
    """Encoder outputs a latent dimension."""
    make: Callable[[ModelSpec], Callable[[Tensor], Latent]]
    """A spec to what turns an output (batch, outputs * latent_size, frames) into what it says: a module if it learns.
    """


def normal(output: Tensor) -> Posterior:
    """Means and softplus of scales from an output (batch, 2 * latent_size, frames)."""
    mean, scale = output.chunk(2, dim=1)
    return Posterior(mean, F.softplus(scale) + 1e-4)


def spherical(output: Tensor) -> Directed:
    """Directions of an output (batch, latent_size, frames)."""
    return Directed(F.normalize(output, dim=1))


HEADS = {
    "normal": Head(2, lambda _spec: normal),
    "wasserstein": Head(1, lambda _spec: Scattered),
    "spherical": Head(1, lambda _spec: spherical),
    "discrete": Head(1, ResidualQuantizer),
}
"""By ``ModelSpec.latent``."""


def _kernel_mean(x: Tensor, y: Tensor) -> Tensor:
    """Mean of the kernel over all pairs of rows (n, latent_size) and (m, latent_size)."""
    squares = (x.square().sum(1)[:, None] + y.square().sum(1) - 2 * x @ y.T).clamp_min(0)
    return torch.exp(-squares / x.shape[1] ** 2).mean()
