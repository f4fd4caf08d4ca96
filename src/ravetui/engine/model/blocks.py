"""The convolutions that encoder, generator and discriminator are made of."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

SLOPE = 0.2
"""Of every leaky rectifier."""


def conv(
    in_channels: int, out_channels: int, kernel_size: int, *, stride: int = 1, dilation: int = 1, groups: int = 1
) -> nn.Conv1d:
    """A convolution without bias that gives ``frames / stride`` frames.

    Raises:
        ValueError: ``kernel_size`` is even: its frames would lie between those of its input.
    """
    if kernel_size % 2 == 0:
        raise ValueError(f"kernel_size must be odd, not {kernel_size}")
    padding = dilation * (kernel_size // 2)
    return nn.Conv1d(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias=False)


def weight_norm(convolution: nn.Module) -> nn.Module:
    """Split the weight into direction and gain, one gain an entry of its first axis.

    Weight normalisation, Salimans & Kingma, arXiv 1602.07868.
    """
    normed: nn.Module = parametrizations.weight_norm(convolution)
    return normed


def normed_conv(in_channels: int, out_channels: int, kernel_size: int, *, dilation: int = 1) -> nn.Module:
    """:func:`conv` with weight normalisation, a gain an output channel."""
    return weight_norm(conv(in_channels, out_channels, kernel_size, dilation=dilation))


def normed_upsampling(in_channels: int, out_channels: int, ratio: int) -> nn.Module:
    """A transposed convolution of ``2 * ratio`` taps that gives exactly ``frames * ratio`` frames.

    Its weight normalisation has a gain an *input* channel, as the reference's has: torch's transposed weights begin
    with that axis.
    """
    padding, output_padding = (ratio + 1) // 2, ratio % 2
    return weight_norm(
        nn.ConvTranspose1d(in_channels, out_channels, 2 * ratio, ratio, padding, output_padding, bias=False)
    )


class ResidualStack(nn.Module):
    """Residual layers of dilated convolutions: x + layer(x), one after another.

    Args:
        channels: In and out.
        kernel_size: Of every convolution.
        dilations: One tuple a layer, one convolution a number.
    """

    def __init__(self, channels: int, kernel_size: int, dilations: Sequence[Sequence[int]]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.ModuleList(normed_conv(channels, channels, kernel_size, dilation=dilation) for dilation in layer)
            for layer in dilations
        )

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape (batch, channels, frames)."""
        for layer in self.layers:
            residual = x
            assert isinstance(layer, nn.ModuleList)
            for convolution in layer:
                residual = convolution(nn.functional.leaky_relu(residual, SLOPE))
            x = x + residual
        return x


def mod_sigmoid(x: Tensor) -> Tensor:
    """An amplitude in (1e-7, 2 + 1e-7): ``2 sigmoid(x)^2.3 + 1e-7`` (DDSP, arXiv 2001.04643, with RAVE's exponent)."""
    return 2 * torch.sigmoid(x) ** 2.3 + 1e-7
