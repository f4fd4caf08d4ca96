"""The critics of v3: periods and complex spectrograms, after the Descript Audio Codec."""

from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ravetui.engine.model.critic_norm import normed_layer
from ravetui.runs.model_spec import ModelSpec

SLOPE = 0.1
"""Of every leaky rectifier."""
BANDS = ((0.0, 0.1), (0.1, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.0))
"""Of the spectrum, as shares of half the sampling rate: each has convolutions of its own."""


class DescriptDiscriminator(nn.Module):
    """Kumar et al. 2023, arXiv 2306.06546, section 3.3: one network a period and one a spectrogram resolution.

    ``discriminator_capacity`` is the width of the first layer; the paper's is 32.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.periods = nn.ModuleList(PeriodCritic(spec, period) for period in spec.discriminator_periods)
        self.spectra = nn.ModuleList(SpectrumCritic(spec, n_fft) for n_fft in spec.discriminator_n_ffts)

    def forward(self, x: Tensor, *, scores_only: bool = False) -> list[list[Tensor]]:
        """Judge audio (batch, channels, samples).

        Args:
            scores_only: Give no features but the last.

        Returns:
            For each network its rectified features (batch, width, …), the last of them the score (batch, 1, …).
        """
        features = [critic(x) for critic in (*self.periods, *self.spectra)]
        return [layers[-1:] for layers in features] if scores_only else features


class PeriodCritic(nn.Module):
    """Audio as a picture ``period`` samples wide, convolved along time."""

    def __init__(self, spec: ModelSpec, period: int) -> None:
        super().__init__()
        self.period = period
        width = spec.discriminator_capacity
        conv = partial(_conv, norm=spec.discriminator_norm)
        widths = [spec.channels, width, 4 * width, 16 * width, 32 * width]
        self.layers = nn.ModuleList(conv(before, after, (5, 1), (3, 1)) for before, after in pairwise(widths))
        self.layers.append(conv(widths[-1], widths[-1], (5, 1), (1, 1)))
        self.score = conv(widths[-1], 1, (3, 1), (1, 1))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Features (batch, width, frames, period) of audio (batch, channels, samples), then the score."""
        padded = F.pad(x, (0, -x.shape[-1] % self.period))
        features = _features(self.layers, padded.reshape(*x.shape[:2], -1, self.period))
        return [*features, self.score(features[-1])]


class SpectrumCritic(nn.Module):
    """A complex spectrogram, real and imaginary parts as channels, band by band and then judged whole."""

    window: Tensor

    def __init__(self, spec: ModelSpec, n_fft: int) -> None:
        super().__init__()
        width = spec.discriminator_capacity
        conv = partial(_conv, norm=spec.discriminator_norm)
        bins = n_fft // 2 + 1
        self.edges = [(int(low * bins), int(high * bins)) for low, high in BANDS]
        self.bands = nn.ModuleList(
            nn.ModuleList(
                [
                    conv(2 * spec.channels, width, (3, 9), (1, 1)),
                    *(conv(width, width, (3, 9), (1, 2)) for _ in range(3)),
                    conv(width, width, (3, 3), (1, 1)),
                ]
            )
            for _ in BANDS
        )
        self.score = conv(width, 1, (3, 3), (1, 1))
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Features (batch, width, frames, bins) of audio (batch, channels, samples), then the score."""
        n_fft = len(self.window)
        spectrum = torch.stft(
            x.flatten(0, 1).float(), n_fft, n_fft // 4, window=self.window, normalized=True, return_complex=True
        )
        # (batch * channels, bins, frames, 2) to (batch, channels * 2, frames, bins).
        picture = torch.view_as_real(spectrum).permute(0, 3, 2, 1).reshape(len(x), -1, *spectrum.shape[:0:-1])
        features: list[Tensor] = []
        ends = []
        for (low, high), layers in zip(self.edges, self.bands, strict=True):
            assert isinstance(layers, nn.ModuleList)
            features += _features(layers, picture[..., low:high])
            ends.append(features[-1])
        return [*features, self.score(torch.cat(ends, dim=-1))]


def _conv(before: int, after: int, kernel_size: tuple[int, int], stride: tuple[int, int], *, norm: str) -> nn.Module:
    """A normalised convolution with bias that keeps frames and bins but for its stride."""
    padding = (kernel_size[0] // 2, kernel_size[1] // 2)
    return normed_layer(nn.Conv2d(before, after, kernel_size, stride, padding), norm)


def _features(layers: nn.ModuleList, x: Tensor) -> list[Tensor]:
    features = []
    for layer in layers:
        # In place: a convolution's gradient does not need what it gave.
        x = F.leaky_relu_(layer(x), SLOPE)
        features.append(x)
    return features
