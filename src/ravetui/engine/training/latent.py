"""How many dimensions of the latent carry it."""

import torch
from torch import Tensor

from ravetui.engine.training.ranks import Ranks

FIDELITIES = (0.8, 0.9, 0.95, 0.99)
"""Shares of the latent's variance whose number of dimensions is journaled."""


class LatentStatistics:
    """Accumulates the covariance of posterior means, batch by batch, in float64 whatever the network computes in.

    Principal component analysis as in RAVE (Caillon & Esling 2021, section 3.3), over the validation audio.
    """

    def __init__(self, latent_size: int) -> None:
        self.frames = 0
        """Latent frames seen."""
        self._sum = torch.zeros(latent_size, dtype=torch.float64)
        self._products = torch.zeros(latent_size, latent_size, dtype=torch.float64)

    def add(self, mean: Tensor) -> None:
        """Count the frames of posterior means (batch, latent_size, frames)."""
        flat = mean.detach().to("cpu", torch.float64).transpose(1, 2).flatten(0, 1)
        self.frames += len(flat)
        self._sum += flat.sum(0)
        self._products += flat.T @ flat

    def gather(self, ranks: Ranks) -> None:
        """Count what every rank has seen.

        Raises:
            LostRankError: Another rank is gone.
        """
        frames = torch.tensor([self.frames])
        for counted in (frames, self._sum, self._products):
            ranks.sum(counted)
        self.frames = int(frames)

    @property
    def is_enough(self) -> bool:
        """Whether there were at least as many frames as dimensions: with fewer, some look empty that are not."""
        return self.frames >= len(self._sum)

    def dimensions(self, fidelity: float) -> int:
        """The smallest number of principal components that hold this share of the variance, at least 1.

        The reference's curve of the same name is one lower: it logs the index of the component, counted from 0.
        """
        return _enough(self._held(), fidelity)

    def row(self) -> dict[str, float]:
        """A row of the table ``latent``."""
        held = self._held()
        return {f"fidelity_{fidelity:g}": float(_enough(held, fidelity)) for fidelity in FIDELITIES}

    def _held(self) -> Tensor:
        """The variance that the first, the first two, … principal components hold, (latent_size,)."""
        mean = self._sum / self.frames
        covariance = self._products / self.frames - torch.outer(mean, mean)
        held: Tensor = torch.linalg.eigvalsh(covariance).flip(0).clamp(min=0).cumsum(0)
        return held


def _enough(held: Tensor, fidelity: float) -> int:
    # A collapsed latent, all of whose frames are equal, has no variance to share out: one dimension holds it.
    return min(int((held < fidelity * held[-1]).sum()) + 1, len(held))
