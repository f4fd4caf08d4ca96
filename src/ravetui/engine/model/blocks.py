"""The convolutions that encoder, generator and discriminator are made of."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations

from ravetui.engine.model.activation import SLOPE
from ravetui.engine.model.padding import padding, upsampling_padding


class PaddedConv1d(nn.Conv1d):
    """A convolution without bias whose input gets ``outside`` zeros before and after."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        outside: tuple[int, int],
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, dilation=dilation, groups=groups, bias=False)
        self.outside = outside

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (torch's name)
        """Convolve (batch, in_channels, frames)."""
        return super().forward(F.pad(input, self.outside))


def conv(
    in_channels: int,
    out_channels: int,
    kernel_size: int,
    *,
    stride: int = 1,
    dilation: int = 1,
    groups: int = 1,
    causal: bool = False,
) -> nn.Conv1d:
    """A convolution without bias that gives ``frames / stride`` frames.

    Raises:
        ValueError: ``kernel_size`` is even and ``stride`` 1: its frames would lie between those of its input.
    """
    if kernel_size % 2 == 0 and stride == 1:
        raise ValueError(f"kernel_size must be odd, not {kernel_size}")
    before, after = padding(kernel_size, dilation, causal=causal)
    if before == after:
        return nn.Conv1d(in_channels, out_channels, kernel_size, stride, before, dilation, groups, bias=False)
    return PaddedConv1d(
        in_channels,
        out_channels,
        kernel_size,
        outside=(before, after),
        stride=stride,
        dilation=dilation,
        groups=groups,
    )


def weight_norm(convolution: nn.Module) -> nn.Module:
    """Split the weight into direction and gain, one gain an entry of its first axis.

    Weight normalisation, Salimans & Kingma, arXiv 1602.07868.
    """
    normed: nn.Module = parametrizations.weight_norm(convolution)
    return normed


def normed_conv(
    in_channels: int, out_channels: int, kernel_size: int, *, stride: int = 1, dilation: int = 1, causal: bool = False
) -> nn.Module:
    """:func:`conv` with weight normalisation, a gain an output channel."""
    return weight_norm(conv(in_channels, out_channels, kernel_size, stride=stride, dilation=dilation, causal=causal))


def normed_upsampling(in_channels: int, out_channels: int, ratio: int, *, causal: bool = False) -> nn.Module:
    """A transposed convolution of ``2 * ratio`` taps that gives exactly ``frames * ratio`` frames.

    For a ratio of 1 it is a :func:`conv` of 3 taps, and only then ``causal`` matters: upsampling hears half a ratio
    ahead within its frame, in a causal network of the reference too.

    Its weight normalisation has a gain an *input* channel, as the reference's has: torch's transposed weights begin
    with that axis.
    """
    if ratio == 1:
        return normed_conv(in_channels, out_channels, 3, causal=causal)
    inside, extra = upsampling_padding(ratio)
    return weight_norm(nn.ConvTranspose1d(in_channels, out_channels, 2 * ratio, ratio, inside, extra, bias=False))


class ResidualStack(nn.Module):
    """Residual layers of dilated convolutions: x + layer(x), one after another.

    Args:
        channels: In and out.
        kernel_size: Of every convolution.
        dilations: One tuple a layer, one convolution a number.
        causal: Hear only what came before.
    """

    def __init__(
        self, channels: int, kernel_size: int, dilations: Sequence[Sequence[int]], *, causal: bool = False
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.ModuleList(
                normed_conv(channels, channels, kernel_size, dilation=dilation, causal=causal) for dilation in layer
            )
            for layer in dilations
        )

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape (batch, channels, frames)."""
        for layer in self.layers:
            residual = x
            assert isinstance(layer, nn.ModuleList)
            for convolution in layer:
                residual = convolution(F.leaky_relu(residual, SLOPE))
            x = x + residual
        return x


def single(x: Tensor) -> Tensor:
    """Half precision as single, anything else as it is: what follows a network is never computed in half."""
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x


def mod_sigmoid(x: Tensor) -> Tensor:
    """An amplitude in (1e-7, 2 + 1e-7): ``2 sigmoid(x)^2.3 + 1e-7`` (DDSP, arXiv 2001.04643, with RAVE's exponent)."""
    return 2 * torch.sigmoid(x) ** 2.3 + 1e-7
