"""From bands to the latent, RAVE v2."""

from torch import Tensor, nn

from ravetui.engine.model.activation import activation
from ravetui.engine.model.blocks import normed_conv, single
from ravetui.engine.model.dilated_unit import DilatedUnit
from ravetui.engine.model.latent import HEADS, Latent
from ravetui.runs.model_spec import ModelSpec


class EncoderV2(nn.Module):
    """RAVE v2's encoder: weight-normalised, dilated residual units before each strided convolution.

    Raises:
        ValueError: ``dilations`` are not one tuple a ratio.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.input = normed_conv(
            spec.channels * spec.n_band, spec.capacity, 2 * spec.kernel_size + 1, causal=spec.causal
        )
        stages = []
        width = spec.capacity
        for ratio, dilations in zip(spec.ratios, spec.dilations, strict=True):
            stages.append(
                nn.Sequential(
                    *(DilatedUnit(spec, width, dilation) for dilation in dilations),
                    activation(spec.activation, width),
                    normed_conv(width, 2 * width, 2 * ratio, stride=ratio, causal=spec.causal),
                )
            )
            width *= 2
        self.stages = nn.Sequential(*stages)
        self.activation = activation(spec.activation, width)
        head = HEADS[spec.latent]
        self.output = normed_conv(width, head.outputs * spec.latent_size, spec.kernel_size, causal=spec.causal)
        self.latent = head.make(spec)

    def forward(self, bands: Tensor) -> Latent:
        """Encode bands (batch, channels * n_band, frames * product of ratios) into a latent of ``frames`` frames."""
        return self.latent(single(self.output(self.activation(self.stages(self.input(bands))))))
