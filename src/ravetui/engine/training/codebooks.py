"""How much of the codebooks of a discrete latent is used."""

import torch
from torch import Tensor

from ravetui.engine.training.ranks import Ranks


class CodebookStatistics:
    """Counts how often each code of each codebook is chosen, batch by batch."""

    def __init__(self, quantizers: int, size: int) -> None:
        self._counts = torch.zeros(quantizers, size, dtype=torch.float64)

    def add(self, codes: Tensor) -> None:
        """Count the codes (batch, quantizers, frames) that a quantiser chose."""
        chosen = codes.detach().cpu().transpose(0, 1).flatten(1)
        self._counts.scatter_add_(1, chosen, torch.ones(chosen.shape, dtype=torch.float64))

    def gather(self, ranks: Ranks) -> None:
        """Count what every rank has seen.

        Raises:
            LostRankError: Another rank is gone.
        """
        ranks.sum(self._counts)

    @property
    def is_enough(self) -> bool:
        """Whether there were at least as many frames as codes: with fewer, some look unused that are not."""
        return float(self._counts[0].sum()) >= self._counts.shape[1]

    def usage(self) -> Tensor:
        """The share of each codebook's codes that was chosen at all, (quantizers,), 0 to 1."""
        used: Tensor = self._counts > 0
        return used.double().mean(1)

    def perplexity(self) -> Tensor:
        """So many codes, chosen all alike, would say as much as each codebook does, (quantizers,).

        The exponential of the entropy of the codes' frequencies (VQ-VAE, arXiv 1711.00937).
        """
        share = self._counts / self._counts.sum(1, keepdim=True)
        entropy: Tensor = torch.special.entr(share).sum(1)
        return entropy.exp()

    def row(self) -> dict[str, float]:
        """A row of the table ``codebooks``."""
        usage, perplexity = self.usage(), self.perplexity()
        return {
            "codebook_usage": float(usage.mean()),
            "codebook_usage_worst": float(usage.min()),
            "codebook_perplexity": float(perplexity.mean()),
            "codebook_perplexity_worst": float(perplexity.min()),
        }
