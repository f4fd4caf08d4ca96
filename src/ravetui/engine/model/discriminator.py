"""The critic of phase 2."""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from ravetui.engine.model.blocks import SLOPE, weight_norm
from ravetui.runs.spec import ModelSpec

KERNEL_SIZE = 15
STRIDE = 4


class Discriminator(nn.Module):
    """RAVE v1's multi-scale discriminator: one network for the audio and for each halving (MelGAN, 1910.06711)."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.scales = nn.ModuleList(ScaleDiscriminator(spec) for _ in range(spec.discriminator_scales))

    def forward(self, x: Tensor) -> list[list[Tensor]]:
        """Judge audio (batch, channels, samples).

        Returns:
            For each scale its features (batch, width, frames), the last of them the score (batch, 1, frames).
        """
        features = []
        for index, scale in enumerate(self.scales):
            x = x if index == 0 else F.avg_pool1d(x, 2)
            features.append(scale(x))
        return features


class ScaleDiscriminator(nn.Module):
    """Strided convolutions that double the width, then a score a frame."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        widths = [spec.channels] + [spec.discriminator_capacity * 2**i for i in range(spec.discriminator_layers)]
        self.layers = nn.ModuleList(
            weight_norm(nn.Conv1d(before, after, KERNEL_SIZE, STRIDE, KERNEL_SIZE // 2))
            for before, after in pairwise(widths)
        )
        self.score = nn.Conv1d(widths[-1], 1, 1)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Features of audio (batch, channels, samples): convolutions before their rectifiers, then the score."""
        features = []
        for layer in self.layers:
            features.append(layer(x))
            x = F.leaky_relu(features[-1], SLOPE)
        return [*features, self.score(x)]
