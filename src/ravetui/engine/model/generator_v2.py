"""From the latent to bands, RAVE v2."""

import torch
from torch import Tensor, nn

from ravetui.engine.model.activation import activation
from ravetui.engine.model.blocks import normed_conv, normed_upsampling, single
from ravetui.engine.model.dilated_unit import DilatedUnit
from ravetui.engine.model.noise import noise_branch_v2
from ravetui.runs.model_spec import ModelSpec


class GeneratorV2(nn.Module):
    """RAVE v2's decoder: the encoder's mirror image, its ratios and dilations in reverse order.

    A band is a waveform times its own amplitude (amplitude modulation); noise, if the spec has it, is added before a
    common ``tanh``. Beside the latent it may hear dimensions of normal noise, from torch's global random state or from
    its own; see :meth:`seed`.

    Raises:
        ValueError: ``dilations`` are not one tuple a ratio.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self.latent_noise = spec.latent_noise
        width = spec.capacity * 2 ** len(spec.ratios)
        self.input = normed_conv(spec.latent_size + spec.latent_noise, width, spec.kernel_size, causal=spec.causal)
        stages = []
        for ratio, dilations in reversed(list(zip(spec.ratios, spec.dilations, strict=True))):
            stages.append(
                nn.Sequential(
                    activation(spec.activation, width),
                    normed_upsampling(width, width // 2, ratio, causal=spec.causal),
                    *(DilatedUnit(spec, width // 2, dilation) for dilation in dilations),
                )
            )
            width //= 2
        self.stages = nn.Sequential(*stages)
        self.activation = activation(spec.activation, width)
        self.waveform = normed_conv(
            width, 2 * spec.channels * spec.n_band, 2 * spec.kernel_size + 1, causal=spec.causal
        )
        self.noise = noise_branch_v2(spec)
        self._source: torch.Generator | None = None

    def seed(self, seed: int) -> None:
        """Draw the noise beside the latent from a generator of its own from here on, and from its beginning."""
        device = next(self.parameters()).device
        self._source = torch.Generator(device).manual_seed(seed)

    def forward(self, z: Tensor, noise: bool) -> Tensor:
        """Decode.

        Args:
            z: Latent (batch, latent_size, frames).
            noise: Add the noise branch, if there is one.

        Returns:
            Bands (batch, channels * n_band, frames * product of ratios), within ±1.
        """
        size = (len(z), self.latent_noise, z.shape[-1])
        beside = torch.randn(size, generator=self._source, dtype=z.dtype, device=z.device)
        features = self.activation(self.stages(self.input(torch.cat([z, beside], 1))))
        waveform, amplitude = single(self.waveform(features)).chunk(2, dim=1)
        bands = waveform * torch.sigmoid(amplitude)
        if noise and self.noise is not None:
            bands = bands + self.noise(features)
        return torch.tanh(bands)
