"""What stands between convolutions."""

import torch
from torch import Tensor, nn

SLOPE = 0.2
"""Of every leaky rectifier."""


class Snake(nn.Module):
    """``x + sin(alpha x)^2 / alpha``, periodic, one learned ``alpha`` a channel (Ziyin et al., arXiv 2006.08195)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape (batch, channels, frames)."""
        return x + torch.sin(self.alpha * x).square() / (self.alpha + 1e-9)


def activation(name: str, channels: int) -> nn.Module:
    """``leaky_relu`` or ``snake`` for features of ``channels``.

    Raises:
        ValueError: Another name.
    """
    if name == "leaky_relu":
        return nn.LeakyReLU(SLOPE)
    if name == "snake":
        return Snake(channels)
    raise ValueError(f"unknown activation {name!r}: leaky_relu or snake")
