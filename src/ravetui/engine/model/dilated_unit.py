"""RAVE v2's residual unit."""

from torch import Tensor, nn

from ravetui.engine.model.activation import SLOPE
from ravetui.engine.model.blocks import normed_conv
from ravetui.runs.model_spec import ModelSpec


class DilatedUnit(nn.Module):
    """``x + single(dilated(x))``: a dilated convolution, then one of a single tap, each after a leaky rectifier.

    The rectifiers stay where the spec's activation is ``snake``: so has the reference, by its count of parameters.

    Args:
        channels: In and out.
        dilation: Of the first convolution.
    """

    def __init__(self, spec: ModelSpec, channels: int, dilation: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.LeakyReLU(SLOPE),
            normed_conv(channels, channels, spec.kernel_size, dilation=dilation, causal=spec.causal),
            nn.LeakyReLU(SLOPE),
            normed_conv(channels, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape (batch, channels, frames)."""
        residual: Tensor = self.layers(x)
        return x + residual
