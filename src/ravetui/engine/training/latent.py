"""How many dimensions of the latent carry it."""

import torch
from torch import Tensor

from ravetui.engine.model.latent import Latent, Posterior
from ravetui.engine.training.ranks import Ranks

FIDELITIES = (0.8, 0.9, 0.95, 0.99)
"""Shares of the latent's variance whose number of dimensions is journaled."""

SILENT = 0.01
"""A dimension with a mean KL divergence below this carries next to nothing (cf. the active units of Burda et al. 2016,
arXiv 1509.00519, whose means vary by more than 0.01), nats."""


class LatentStatistics:
    """Accumulates the covariance of posterior means and each dimension's KL divergence, batch by batch.

    In float64, whatever the network computes in.

    Principal component analysis as in RAVE (Caillon & Esling 2021, section 3.3), over the validation audio.
    """

    def __init__(self, latent_size: int) -> None:
        self.frames = 0
        """Latent frames seen."""
        self._sum = torch.zeros(latent_size, dtype=torch.float64)
        self._products = torch.zeros(latent_size, latent_size, dtype=torch.float64)
        self._nats = torch.zeros(latent_size, dtype=torch.float64)
        self._has_nats = True

    def add(self, latent: Latent) -> None:
        """Count the frames of what an encoder says of them."""
        self._has_nats &= isinstance(latent, Posterior)
        if isinstance(latent, Posterior):
            self._nats += latent.nats().detach().to("cpu", torch.float64).sum((0, 2))
        flat = latent.mean.detach().to("cpu", torch.float64).transpose(1, 2).flatten(0, 1)
        self.frames += len(flat)
        self._sum += flat.sum(0)
        self._products += flat.T @ flat

    def gather(self, ranks: Ranks) -> None:
        """Count what every rank has seen.

        Raises:
            LostRankError: Another rank is gone.
        """
        frames = torch.tensor([self.frames])
        for counted in (frames, self._sum, self._products, self._nats):
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
        row = {f"fidelity_{fidelity:g}": float(_enough(held, fidelity)) for fidelity in FIDELITIES}
        return {**row, "kl_active": self.active}

    @property
    def active(self) -> float:
        """How many dimensions carry something; NaN of a latent that is not a distribution."""
        return float((self._nats / self.frames >= SILENT).sum()) if self._has_nats else float("nan")

    def _held(self) -> Tensor:
        """The variance that the first, the first two, … principal components hold, (latent_size,)."""
        mean = self._sum / self.frames
        covariance = self._products / self.frames - torch.outer(mean, mean)
        held: Tensor = torch.linalg.eigvalsh(covariance).flip(0).clamp(min=0).cumsum(0)
        return held


def _enough(held: Tensor, fidelity: float) -> int:
    # A collapsed latent, all of whose frames are equal, has no variance to share out: one dimension holds it.
    return min(int((held < fidelity * held[-1]).sum()) + 1, len(held))
