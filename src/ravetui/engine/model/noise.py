"""The generator's noisy part: white noise through learned filters."""

from itertools import pairwise
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ravetui.engine.model.blocks import SLOPE, conv, mod_sigmoid
from ravetui.runs.spec import ModelSpec


class NoiseBranch(nn.Module):
    """Uniform noise, filtered block by block as a network predicts (DDSP, arXiv 2001.04643, section 3.4).

    A block is ``prod(noise_ratios)`` band frames; each band's filter is given by ``noise_bands`` amplitudes.

    Raises:
        ValueError: A filter would be longer than a block.
    """

    window: Tensor

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.block = prod(spec.noise_ratios)
        self.bands = spec.channels * spec.n_band
        taps = 2 * (spec.noise_bands - 1)
        if not 2 <= taps <= self.block:
            raise ValueError(
                f"noise_bands = {spec.noise_bands} makes filters of {taps} taps for blocks of {self.block} frames"
            )
        widths = [spec.capacity] * len(spec.noise_ratios) + [self.bands * spec.noise_bands]
        self.convolutions = nn.ModuleList(
            conv(before, after, 3, stride=ratio)
            for (before, after), ratio in zip(pairwise(widths), spec.noise_ratios, strict=True)
        )
        self.register_buffer("window", torch.hann_window(taps), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Noise bands (batch, channels * n_band, frames) for features ``x`` (batch, capacity, frames).

        The noise comes from torch's global random state.
        """
        frames = x.shape[-1]
        for index, convolution in enumerate(self.convolutions):
            x = convolution(x if index == 0 else F.leaky_relu(x, SLOPE))
        # DDSP's offset: training begins with next to no noise.
        amplitudes = mod_sigmoid(x - 5).float().reshape(len(x), self.bands, -1, x.shape[-1]).transpose(2, 3)
        filters = impulse_responses(amplitudes, self.window, self.block)
        noise = torch.rand_like(filters) * 2 - 1
        length = 2 * self.block
        filtered: Tensor = torch.fft.irfft(torch.fft.rfft(noise, length) * torch.fft.rfft(filters, length), length)
        return filtered[..., : self.block].flatten(2)[..., :frames]


def impulse_responses(amplitudes: Tensor, window: Tensor, length: int) -> Tensor:
    """Filters whose magnitude responses are ``amplitudes``, from 0 Hz to the highest frequency in equal steps.

    Args:
        amplitudes: (…, n), n at least 2.
        window: (2n - 2), tapers the response about time 0.
        length: Taps given.

    Returns:
        (…, length), time 0 first; what comes before time 0 wraps to the end, where the block's convolution leaves it
        late, as the reference does.
    """
    taps = len(window)
    response = torch.fft.irfft(amplitudes, taps)
    response = response.roll(taps // 2, -1) * window
    return F.pad(response, (0, length - taps)).roll(-(taps // 2), -1)
