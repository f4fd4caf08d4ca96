"""The compressor of a whole batch."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from ravetui.engine.data.augment.compress import BLOCK, Compression, decays


class Compressor:
    """Computes what :func:`ravetui.engine.data.augment.compress.compress` does, an item each.

    The two one-pole filters of block powers are convolutions with their impulse responses, as long as the crop.

    Args:
        crop: Frames a crop.
        sampling_rate: Hz.
        device: Of the audio.
    """

    def __init__(self, crop: int, sampling_rate: int, device: torch.device) -> None:
        self._crop, self._blocks = crop, -(-crop // BLOCK)
        lengths = torch.full((self._blocks,), float(BLOCK), dtype=torch.float64, device=device)
        lengths[-1] = crop - BLOCK * (self._blocks - 1)
        self._lengths = lengths
        since = torch.arange(self._blocks, dtype=torch.float64, device=device)
        falls = torch.stack([decay**since for decay in decays(sampling_rate)])
        self._decays = torch.tensor(decays(sampling_rate), dtype=torch.float64, device=device)[:, None]
        self._falls = falls * self._decays
        self._response = torch.fft.rfft(falls * (1 - self._decays), 2 * self._blocks)

    def __call__(self, audio: Tensor, how: Sequence[Compression]) -> Tensor:
        """Compress (items, channels, crop), each item its own way."""
        envelope = self._envelope(audio)
        power, exponent = (
            torch.tensor(values, dtype=torch.float64, device=audio.device)[:, None]
            for values in ([item.power for item in how], [item.exponent for item in how])
        )
        gain = (torch.maximum(envelope, power) / power) ** exponent
        smooth = functional.interpolate(gain[:, None], scale_factor=BLOCK, mode="linear", align_corners=False)
        return audio * smooth[..., : self._crop].to(audio.dtype)

    def _envelope(self, audio: Tensor) -> Tensor:
        """The larger of the two envelopes of power, (items, blocks)."""
        squares = audio.double().square().mean(dim=1)
        padded = functional.pad(squares, (0, self._blocks * BLOCK - self._crop))
        power = padded.reshape(len(audio), self._blocks, BLOCK).sum(dim=-1) / self._lengths
        spectrum = torch.fft.rfft(power, 2 * self._blocks)[:, None] * self._response
        envelopes: Tensor = torch.fft.irfft(spectrum, 2 * self._blocks)[..., : self._blocks]
        return (envelopes + self._falls * power[:, None, :1]).amax(dim=1)
