"""The generator's noisy part: white noise through learned filters."""

from collections.abc import Callable
from itertools import pairwise
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ravetui.engine.model.activation import activation
from ravetui.engine.model.blocks import PaddedConv1d, conv, mod_sigmoid, single
from ravetui.runs.model_spec import ModelSpec

Strided = Callable[[int, int, int], nn.Module]
"""Channels in, channels out and stride to a convolution."""


def noise_branch_v1(spec: ModelSpec) -> "NoiseBranch | None":
    """RAVE v1's branch; None if the spec has no noise bands."""

    def strided(before: int, after: int, ratio: int) -> nn.Module:
        return conv(before, after, 3, stride=ratio, causal=spec.causal)

    return NoiseBranch(spec, strided) if spec.noise_bands else None


def noise_branch_v2(spec: ModelSpec) -> "NoiseBranch | None":
    """RAVE v2's branch, which hears a block and the one before it; None if the spec has no noise bands."""

    def strided(before: int, after: int, ratio: int) -> nn.Module:
        return PaddedConv1d(before, after, 2 * ratio, outside=(ratio, 0), stride=ratio)

    return NoiseBranch(spec, strided) if spec.noise_bands else None


class NoiseBranch(nn.Module):
    """Uniform noise, filtered block by block as a network predicts (DDSP, arXiv 2001.04643, section 3.4).

    A block is ``prod(noise_ratios)`` band frames; each band's filter is given by ``noise_bands`` amplitudes.

    Args:
        strided: Makes a convolution.

    Raises:
        ValueError: There is one noise band: it makes no filter.
    """

    window: Tensor

    def __init__(self, spec: ModelSpec, strided: Strided) -> None:
        super().__init__()
        self.block = prod(spec.noise_ratios)
        self.bands = spec.channels * spec.n_band
        taps = 2 * (spec.noise_bands - 1)
        if taps < 2:
            raise ValueError(
                f"noise_bands = {spec.noise_bands} makes no filter: it must be at least 2, or 0 for no noise"
            )
        width = spec.noise_width or spec.capacity
        widths = [spec.capacity, *[width] * (len(spec.noise_ratios) - 1), self.bands * spec.noise_bands]
        self.convolutions = nn.ModuleList(
            strided(before, after, ratio)
            for (before, after), ratio in zip(pairwise(widths), spec.noise_ratios, strict=True)
        )
        self.activations = nn.ModuleList(activation(spec.activation, width) for _ in spec.noise_ratios[1:])
        self.register_buffer("window", torch.hann_window(taps), persistent=False)
        self._source: torch.Generator | None = None

    def seed(self, seed: int) -> None:
        """Draw noise from a generator of this branch's own from here on, and from its beginning."""
        self._source = torch.Generator(self.window.device).manual_seed(seed)

    def forward(self, x: Tensor) -> Tensor:
        """Noise bands (batch, channels * n_band, frames) for features ``x`` (batch, capacity, frames).

        The noise comes from torch's global random state, or from the branch's own; see :meth:`seed`.
        """
        frames = x.shape[-1]
        x = self.convolutions[0](F.pad(x, (0, -frames % self.block)))
        for rectify, convolution in zip(self.activations, self.convolutions[1:], strict=True):
            x = convolution(rectify(x))
        # DDSP's offset: training begins with next to no noise.
        amplitudes = mod_sigmoid(single(x) - 5).reshape(len(x), self.bands, -1, x.shape[-1]).transpose(2, 3)
        filters = impulse_responses(amplitudes, self.window, self.block)
        draws = torch.rand(filters.shape, generator=self._source, dtype=filters.dtype, device=filters.device)
        noise = draws * 2 - 1
        length = 2 * self.block
        filtered: Tensor = torch.fft.irfft(torch.fft.rfft(noise, length) * torch.fft.rfft(filters, length), length)
        return filtered[..., : self.block].flatten(2)[..., :frames]


def impulse_responses(amplitudes: Tensor, window: Tensor, length: int) -> Tensor:
    """Filters whose magnitude responses are ``amplitudes``, from 0 Hz to the highest frequency in equal steps.

    Args:
        amplitudes: (…, n), n at least 2.
        window: (2n - 2), tapers the response about time 0.
        length: Taps given. Of a longer response its beginning is kept, the taper's low end: so the reference cuts
            v2-small's filters of 62 taps to its blocks of 8 frames.

    Returns:
        (…, length), time 0 first; what comes before time 0 wraps to the end, where the block's convolution leaves it
        late, as the reference does.
    """
    taps = len(window)
    response = torch.fft.irfft(amplitudes, taps)
    response = response.roll(taps // 2, -1) * window
    return F.pad(response, (0, length - taps)).roll(-(taps // 2), -1)
