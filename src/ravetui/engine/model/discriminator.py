"""The critics of phase 2."""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from ravetui.engine.model.activation import SLOPE
from ravetui.engine.model.critic_norm import normed_layer, plain_layer
from ravetui.runs.model_spec import ModelSpec

KERNEL_SIZE = 15
PERIOD_KERNEL_SIZE = 5
STRIDE = 4


class Discriminator(nn.Module):
    """Networks that each judge the audio in their own way.

    One for each period (HiFi-GAN, arXiv 2010.05646; RAVE v2), then one for the audio and for each halving of its rate
    (MelGAN, arXiv 1910.06711; every RAVE).
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.periods = nn.ModuleList(PeriodDiscriminator(spec, period) for period in spec.discriminator_periods)
        self.scales = nn.ModuleList(ScaleDiscriminator(spec) for _ in range(spec.discriminator_scales))

    def forward(self, x: Tensor, *, scores_only: bool = False) -> list[list[Tensor]]:
        """Judge audio (batch, channels, samples).

        Args:
            scores_only: Give no features but the last: its own game needs no other, and layers then work in place,
                which takes half the memory.

        Returns:
            For each network its features (batch, width, …), the last of them the score (batch, 1, …).
        """
        features = [period(x, scores_only=scores_only) for period in self.periods]
        for index, scale in enumerate(self.scales):
            x = x if index == 0 else F.avg_pool1d(x, 2)
            features.append(scale(x, scores_only=scores_only))
        return features


class ScaleDiscriminator(nn.Module):
    """Strided convolutions that double the width, then a score a frame."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        widths = _widths(spec)
        self.layers = nn.ModuleList(
            normed_layer(nn.Conv1d(before, after, KERNEL_SIZE, STRIDE, KERNEL_SIZE // 2), spec.discriminator_norm)
            for before, after in pairwise(widths)
        )
        self.score = plain_layer(nn.Conv1d(widths[-1], 1, 1), spec.discriminator_norm)

    def forward(self, x: Tensor, *, scores_only: bool = False) -> list[Tensor]:
        """Features of audio (batch, channels, samples): convolutions before their rectifiers, then the score."""
        return _features(self.layers, self.score, x, scores_only)


class PeriodDiscriminator(nn.Module):
    """The same along every ``period``-th sample: audio as a picture ``period`` samples wide, convolved along time."""

    def __init__(self, spec: ModelSpec, period: int) -> None:
        super().__init__()
        self.period = period
        widths = _widths(spec)
        self.layers = nn.ModuleList(
            normed_layer(
                nn.Conv2d(before, after, (PERIOD_KERNEL_SIZE, 1), (STRIDE, 1), (PERIOD_KERNEL_SIZE // 2, 0)),
                spec.discriminator_norm,
            )
            for before, after in pairwise(widths)
        )
        self.score = plain_layer(nn.Conv2d(widths[-1], 1, 1), spec.discriminator_norm)

    def forward(self, x: Tensor, *, scores_only: bool = False) -> list[Tensor]:
        """Features (batch, width, frames, period) of audio (batch, channels, samples), then the score."""
        padded = F.pad(x, (0, -x.shape[-1] % self.period))
        picture = padded.reshape(*x.shape[:2], -1, self.period)
        return _features(self.layers, self.score, picture, scores_only)


def _widths(spec: ModelSpec) -> list[int]:
    return [spec.channels] + [spec.discriminator_capacity * 2**i for i in range(spec.discriminator_layers)]


def _features(layers: nn.ModuleList, score: nn.Module, x: Tensor, scores_only: bool) -> list[Tensor]:
    """What each layer makes of what the one before it gave, rectified; then the score."""
    features: list[Tensor] = []
    for layer in layers:
        x = layer(x)
        if not scores_only:
            features.append(x)
        x = F.leaky_relu(x, SLOPE, inplace=scores_only)
    return [*features, score(x)]
