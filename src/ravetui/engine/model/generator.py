"""From the latent to bands."""

import torch
from torch import Tensor, nn

from ravetui.engine.model.activation import SLOPE
from ravetui.engine.model.blocks import ResidualStack, mod_sigmoid, normed_conv, normed_upsampling, single
from ravetui.engine.model.noise import noise_branch_v1
from ravetui.runs.model_spec import ModelSpec


class Generator(nn.Module):
    """RAVE v1's decoder (arXiv 2111.05011, section 3.2).

    Upsampling stages halve the width, with the encoder's ratios in the encoder's order, as the reference has them.
    Three heads share the features: a waveform, its loudness (one envelope an audio channel, for all its bands) and
    filtered noise, which the reference adds in phase 2 only, its weights untrained before.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.channels = spec.channels
        width = spec.capacity * 2 ** len(spec.ratios)
        self.input = normed_conv(spec.latent_size, width, 7, causal=spec.causal)
        stages = []
        for ratio in spec.ratios:
            stages.append(
                nn.Sequential(
                    nn.LeakyReLU(SLOPE),
                    normed_upsampling(width, width // 2, ratio, causal=spec.causal),
                    ResidualStack(width // 2, spec.kernel_size, spec.dilations, causal=spec.causal),
                )
            )
            width //= 2
        self.stages = nn.Sequential(*stages)
        self.waveform = normed_conv(width, spec.channels * spec.n_band, 7, causal=spec.causal)
        self.loudness = normed_conv(width, spec.channels, 3, causal=spec.causal)
        self.noise = noise_branch_v1(spec)

    def forward(self, z: Tensor, noise: bool) -> Tensor:
        """Decode.

        Args:
            z: Latent (batch, latent_size, frames).
            noise: Add the noise branch, if there is one.

        Returns:
            Bands (batch, channels * n_band, frames * product of ratios).
        """
        features = self.stages(self.input(z))
        waveform: Tensor = torch.tanh(single(self.waveform(features)))
        by_channel = waveform.reshape(len(waveform), self.channels, -1, waveform.shape[-1])
        bands = (by_channel * mod_sigmoid(single(self.loudness(features))).unsqueeze(2)).flatten(1, 2)
        if noise and self.noise is not None:
            bands = bands + self.noise(features)
        return bands
