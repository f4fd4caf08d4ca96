"""Recursive filters of a whole batch, by their frequency responses."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ravetui.engine.data.augment.biquad import Biquad


class FilterBank:
    """Filters each item of a batch with biquads of its own.

    A recursive filter's impulse response never ends, but those of the augmentations fall by 120 dB within a tenth of a
    second. The audio is padded with an eighth of a second, so that what the circular convolution wraps around is
    nothing, and the product of its spectrum with the filters' responses is their output. In double precision.

    Args:
        crop: Frames a crop.
        sampling_rate: Hz.
        device: Of the audio.
    """

    def __init__(self, crop: int, sampling_rate: int, device: torch.device) -> None:
        from scipy.fft import next_fast_len

        self._size = int(next_fast_len(crop + sampling_rate // 8, real=True))
        angle = torch.arange(self._size // 2 + 1, device=device, dtype=torch.float64) * (2 * torch.pi / self._size)
        delay = torch.polar(torch.ones_like(angle), -angle)
        self._delays = torch.stack([torch.ones_like(delay), delay, delay**2])

    def __call__(self, audio: Tensor, filters: Sequence[Sequence[Biquad]]) -> Tensor:
        """Filter (items, channels, crop) with ``filters``, one after another, a sequence an item."""
        spectrum = torch.fft.rfft(audio.double(), self._size)
        for stage in range(max(map(len, filters))):
            present = [number for number, item in enumerate(filters) if len(item) > stage]
            spectrum[present] *= self._response([filters[number][stage] for number in present])[:, None]
        filtered: Tensor = torch.fft.irfft(spectrum, self._size)
        return filtered[..., : audio.shape[-1]].to(audio.dtype)

    def _response(self, filters: Sequence[Biquad]) -> Tensor:
        """H at the frequencies of the transform, (filters, frequencies)."""
        zeros, poles = (
            torch.tensor(side, dtype=torch.complex128, device=self._delays.device) @ self._delays
            for side in ([item.zeros for item in filters], [item.poles for item in filters])
        )
        return zeros / poles
