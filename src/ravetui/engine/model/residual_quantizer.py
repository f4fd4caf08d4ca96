"""A latent of code vectors: each codebook says what those before it left over."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ravetui.runs.model_spec import ModelSpec

DECAY = 0.99
"""Weight of the past in a code's usage and in the mean of what it stands for (EnCodec's)."""
DEAD = 0.1
"""A code that is chosen less than this share as often as if all were alike is replaced.

SoundStream and EnCodec replace below two frames a batch. At RAVE's batch of eight crops there is one frame a code, so
that most codes would be replaced all the time; a share means the same at every size of batch and codebook.
"""
_ITERATIONS = 10
"""Of k-means."""
_FRAMES_A_CENTRE = 4
"""Frames for which k-means places a code; with one each, nothing would be left over for the next codebook."""


class Quantised(NamedTuple):
    """Sums of code vectors, a code of each codebook."""

    mean: Tensor
    """(batch, latent_size, frames); its gradient reaches the encoder as if nothing had been rounded."""
    codes: Tensor
    """Which vector of each codebook it is a sum of (batch, quantizers, frames)."""
    commitment: Tensor
    """Mean squared distance of what each codebook was given from the code that it chose, a scalar."""

    def sample(self) -> Tensor:
        """The sums themselves."""
        return self.mean

    def divergence(self) -> Tensor:
        """The commitment loss, which keeps the encoder near the codes: only it gets its gradient."""
        return self.commitment


class ResidualQuantizer(nn.Module):
    """Residual vector quantisation (SoundStream, arXiv 2107.03312, section III-C; EnCodec, 2210.13438, section 3.2).

    Codebooks have no gradient. In training mode, and where a graph is recorded, they follow the encoder: a code is the
    exponentially weighted mean of the frames that chose it (VQ-VAE, arXiv 1711.00937, appendix A.1). The first such
    call places them by k-means. In evaluation mode, as when the encoder is frozen, nothing changes.

    What is random is drawn from torch's global random state.
    """

    sums: Tensor
    """Of each code, ``usage`` times its vector (quantizers, codebook_size, latent_size)."""
    usage: Tensor
    """How often each code is chosen, over the past's weights; 1 if all are alike (quantizers, codebook_size)."""
    placed: Tensor
    """Whether the codebooks have seen a batch."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        shape = (spec.quantizers, spec.codebook_size)
        self.register_buffer("sums", torch.zeros(*shape, spec.latent_size))
        self.register_buffer("usage", torch.ones(shape))
        self.register_buffer("placed", torch.tensor(False))
        self.sum_over_ranks: Callable[[Tensor], None] = _alone
        """Puts the sum over all that train together into a tensor."""
        self.share_first: Callable[[Tensor], None] = _alone
        """Puts what the first of them has into a tensor: each has drawn from its own batch."""

    @property
    def codebooks(self) -> Tensor:
        """The code vectors (quantizers, codebook_size, latent_size)."""
        return self.sums / self.usage[..., None]

    def forward(self, output: Tensor) -> Quantised:
        """Replace each frame of an encoder's output (batch, latent_size, frames) by a sum of code vectors."""
        learning = self.training and torch.is_grad_enabled()
        with torch.autocast(output.device.type, enabled=False):
            points = output.to(self.sums.dtype).transpose(1, 2).flatten(0, 1)
            if learning and not self.placed:
                self._place(points.detach())
            total, codes, given, commitment = self._quantise(points)
            if learning:
                self._follow(codes, given)
        batch, _, frames = output.shape
        total = total.reshape(batch, frames, -1).transpose(1, 2)
        # The value is the sum of codes to the bit, the gradient the identity (straight-through).
        mean = total + (output - output.detach())
        return Quantised(mean, codes.reshape(-1, batch, frames).transpose(0, 1), commitment)

    def _quantise(self, points: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Code points (n, latent_size).

        Returns:
            Sums of codes (n, latent_size), chosen codes (quantizers, n), what each codebook was given (quantizers, n,
            latent_size), and the commitment loss.
        """
        left, total = points, torch.zeros_like(points)
        codes, given, distances = [], [], []
        for codebook in self.codebooks:
            nearest = _nearest(left.detach(), codebook)
            vectors = codebook[nearest]
            codes.append(nearest)
            given.append(left.detach())
            distances.append((left - vectors).square().mean())
            left, total = left - vectors, total + vectors
        return total, torch.stack(codes), torch.stack(given), torch.stack(distances).mean()

    @torch.no_grad()
    def _follow(self, codes: Tensor, given: Tensor) -> None:
        """Move each code towards the frames that chose it, and dead ones to frames of this batch.

        Args:
            codes: Chosen (quantizers, n).
            given: What each codebook had to say (quantizers, n, latent_size).
        """
        size = self.usage.shape[1]
        pairs = zip(codes, given, strict=True)
        found = torch.stack([torch.cat(_members(chosen, points, size), 1) for chosen, points in pairs])
        self.sum_over_ranks(found)
        # Now a code has 1 that is chosen as often as all others.
        found *= size / found[0, :, 0].sum()
        self.usage.lerp_(found[..., 0], 1 - DECAY)
        self.sums.lerp_(found[..., 1:], 1 - DECAY)
        dead = self.usage < DEAD
        others = _draw(given, size)
        self.share_first(others)
        self.sums.copy_(torch.where(dead[..., None], others, self.sums))
        self.usage.masked_fill_(dead, 1)

    @torch.no_grad()
    def _place(self, points: Tensor) -> None:
        """Put the codebooks where points (n, latent_size) are, one after another.

        By k-means; what a small batch has no centres for are points themselves.
        """
        size = self.usage.shape[1]
        centres = min(size, max(len(points) // _FRAMES_A_CENTRE, 1))
        placed = []
        for _ in self.usage:
            means = _k_means(points, centres)
            placed.append(torch.cat([means, _draw(points[None], size - centres)[0]]))
            points = points - means[_nearest(points, means)]
        self.sums.copy_(torch.stack(placed))
        self.share_first(self.sums)
        self.usage.fill_(1)
        self.placed.fill_(True)


def _alone(_tensor: Tensor) -> None:
    """Nobody else trains: a tensor has it all."""


def _nearest(points: Tensor, vectors: Tensor) -> Tensor:
    """Which of vectors (m, latent_size) is nearest to each point (n, latent_size): (n,)."""
    return (vectors.square().sum(1) - 2 * points @ vectors.T).argmin(1)


def _members(codes: Tensor, points: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """How many points (n, latent_size) chose each of ``size`` codes, (size, 1), and their sums, (size, latent_size).

    A product of matrices, which a GPU adds up in the same order every time.
    """
    chosen = (codes == torch.arange(size, device=codes.device)[:, None]).to(points.dtype)
    return chosen.sum(1, keepdim=True), chosen @ points


def _draw(points: Tensor, count: int) -> Tensor:
    """Points of each set (sets, n, latent_size) at random, with repetition: (sets, count, latent_size)."""
    sets, n, _ = points.shape
    chosen = torch.randint(n, (sets, count), device=points.device)
    return points[torch.arange(sets, device=points.device)[:, None], chosen]


def _k_means(points: Tensor, count: int) -> Tensor:
    """Centres (count, latent_size) of points (n, latent_size), at least as many, from some of them at random."""
    centres = points[torch.randperm(len(points), device=points.device)[:count]]
    for _ in range(_ITERATIONS):
        number, total = _members(_nearest(points, centres), points, count)
        centres = torch.where(number > 0, total / number.clamp_min(1), centres)
    return centres
