"""From bands to the latent."""

from torch import Tensor, nn

from ravetui.engine.model.activation import SLOPE
from ravetui.engine.model.blocks import conv, single
from ravetui.engine.model.latent import Posterior, normal
from ravetui.runs.model_spec import ModelSpec


class Encoder(nn.Module):
    """RAVE v1's encoder (arXiv 2111.05011, section 3.2): batch-normalised strided convolutions.

    Its batch statistics are part of what phase 2 must keep: freeze it with ``eval()`` as well as without gradients.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.input = conv(spec.channels * spec.n_band, spec.capacity, 7, causal=spec.causal)
        stages = []
        width = spec.capacity
        for ratio in spec.ratios:
            stages.append(
                nn.Sequential(
                    nn.BatchNorm1d(width),
                    nn.LeakyReLU(SLOPE, inplace=True),
                    conv(width, 2 * width, 2 * ratio + 1, stride=ratio, causal=spec.causal),
                )
            )
            width *= 2
        self.stages = nn.Sequential(*stages)
        self.activation = nn.LeakyReLU(SLOPE, inplace=True)
        self.output = conv(width, 2 * spec.latent_size, 5, groups=2, causal=spec.causal)

    def forward(self, bands: Tensor) -> Posterior:
        """Encode bands (batch, channels * n_band, frames * product of ratios) into a posterior of ``frames`` frames."""
        return normal(single(self.output(self.activation(self.stages(self.input(bands))))))
