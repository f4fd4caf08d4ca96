"""CLAP's audio network in torch: LAION's front end, and transformers' tower and projection."""

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

# Only this submodule: the library's top level finds its models by import hooks, and the text half is never built.
from transformers.models.clap.configuration_clap import ClapAudioConfig
from transformers.models.clap.modeling_clap import ClapAudioModelWithProjection

from ravetui.metrics.clap.layout import (
    DEPTHS,
    DIMENSIONS,
    FILTERS,
    HEADS,
    HOP_LENGTH,
    INNER,
    MELS,
    N_FFT,
    WIDTH,
    entries,
)

FLOOR = 1e-10
"""Of a mel band's power, before the logarithm."""


class ClapNetwork(nn.Module):
    """From prepared audio at 48 kHz to unit vectors.

    Args:
        tensors: Weights by LAION's keys.
    """

    window: Tensor
    filters: Tensor

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(N_FFT), persistent=False)
        self.register_buffer("filters", tensors[FILTERS], persistent=False)
        config = ClapAudioConfig(
            depths=list(DEPTHS),
            num_attention_heads=list(HEADS),
            patch_embeds_hidden_size=WIDTH,
            hidden_size=INNER,
            projection_dim=DIMENSIONS,
            projection_hidden_act="relu",
            num_mel_bins=MELS,
        )
        # Nothing is drawn at random only to be overwritten.
        with torch.device("meta"):
            tower: Any = ClapAudioModelWithProjection(config)
        state = _renamed(tensors)
        for name, buffer in tower.named_buffers():
            if name.endswith("relative_position_index"):
                state[name] = _position_index()
            elif name.endswith("num_batches_tracked"):
                state[name] = torch.zeros_like(buffer, device="cpu")
        tower.load_state_dict(state, strict=True, assign=True)
        self.tower = tower.eval().requires_grad_(False)

    @torch.inference_mode()
    def forward(self, windows: Tensor) -> Tensor:
        """Embed windows.

        Args:
            windows: Quantised audio in ±1 at 48 kHz, (n, 480000).

        Returns:
            Vectors of length 1, (n, 512).
        """
        made = self.tower(input_features=self.log_mel(windows)[:, None], is_longer=None)
        return functional.normalize(made.audio_embeds, dim=-1)

    def log_mel(self, windows: Tensor) -> Tensor:
        """10 log10 of each mel band's power, of centred frames under a Hann window, (n, frames, 64)."""
        spectrum = torch.stft(windows, N_FFT, HOP_LENGTH, window=self.window, return_complex=True)
        power = spectrum.real.square() + spectrum.imag.square()
        return 10 * torch.log10(torch.clamp(power.transpose(1, 2) @ self.filters, min=FLOOR))


def load_network(path: Path, device: torch.device) -> ClapNetwork:
    """The network with the weights of a safetensors file, ready to embed."""
    return ClapNetwork(load_file(path)).to(device)


def _renamed(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """By transformers' keys: what LAION keeps as one matrix for query, key and value becomes three."""
    return {
        target: part
        for entry in entries()
        if entry.targets
        for target, part in zip(entry.targets, tensors[entry.name].chunk(len(entry.targets)), strict=True)
    }


def _position_index() -> Tensor:
    """Which row of the bias table each pair of an 8 × 8 window uses (Liu et al. 2021, section 3.2), (64, 64)."""
    side = 8
    rows, columns = torch.arange(side**2) // side, torch.arange(side**2) % side
    down = rows[:, None] - rows[None] + side - 1
    right = columns[:, None] - columns[None] + side - 1
    return down * (2 * side - 1) + right
