"""Batches cut from a dataset that lies in the device's memory, and altered there."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ravetui.engine.data.augment.alteration import Alteration
from ravetui.engine.data.augment.dequantise import STEP
from ravetui.engine.data.augment.equalise import equaliser
from ravetui.engine.data.augment.gain import amplitude_of
from ravetui.engine.data.augment.mangle import all_pass
from ravetui.engine.data.crops import CropSampler, Cut
from ravetui.engine.data.dataset import AMPLITUDE_STEP, Dataset
from ravetui.engine.data.resident.compressor import Compressor
from ravetui.engine.data.resident.filters import FilterBank
from ravetui.engine.data.resident.resample import change_speed

_BLOCK = 1 << 25
"""Samples that are copied to the device at a time."""


class Resident:
    """Gives the batches of a sampler but for rounding and the noise of dequantisation.

    Where a crop comes from and what is done to it is drawn as ever, on the CPU; audio never leaves the device. The
    noise, half an int16 step, is drawn there, from a seed that is drawn for each window.

    Args:
        sampler: Draws the crops.
        device: Where batches are made and stay.
    """

    ahead = 0

    def __init__(self, sampler: CropSampler, device: torch.device) -> None:
        self._sampler, self._device = sampler, device
        self._samples = _upload(sampler.dataset, device)
        self._rate = sampler.dataset.index.sampling_rate
        self._filter = FilterBank(sampler.crop, self._rate, device)
        self._compress = Compressor(sampler.crop, self._rate, device)
        self._random = torch.Generator(device)

    def take(self, window: int, following: Sequence[int]) -> Tensor:
        """The batch of a window, (batch, channels, crop)."""
        cuts = [self._sampler.cut(position) for position in self._sampler.positions(window)]
        batch = self._alter(torch.stack([self._read(cut) for cut in cuts]), [cut.alteration for cut in cuts])
        self._random.manual_seed(self._sampler.noise_seed(window))
        noise = torch.rand(batch.shape, generator=self._random, device=self._device)
        return batch.add_(noise, alpha=STEP)

    def close(self) -> None:
        """Let the device's memory go."""
        self._samples = self._samples[:0].clone()

    def _read(self, cut: Cut) -> Tensor:
        """The audio of one crop, (channels, crop), at its speed."""
        first = self._sampler.dataset.index.segments[cut.segment].offset + cut.start
        audio = self._samples[first : first + cut.frames].T * AMPLITUDE_STEP
        speed = cut.alteration.speed
        return audio if speed is None else change_speed(audio, speed, self._sampler.crop)

    def _alter(self, batch: Tensor, what: Sequence[Alteration]) -> Tensor:
        """Everything after the change of speed; what is not drawn for any item takes no time."""
        filters = [
            [
                *([all_pass(item.pole, self._rate)] if item.pole is not None else []),
                *(equaliser(item.equalise, self._rate) if item.equalise is not None else ()),
            ]
            for item in what
        ]
        if any(filters):
            batch = self._filter(batch, filters)
        compressions = {number: item.compress for number, item in enumerate(what) if item.compress is not None}
        if compressions:
            chosen = list(compressions)
            batch[chosen] = self._compress(batch[chosen], list(compressions.values()))
        if any(item.gain or item.mute for item in what):
            factors = [0.0 if item.mute else amplitude_of(item.gain) for item in what]
            batch *= torch.tensor(factors, device=self._device)[:, None, None]
        return batch


def _upload(dataset: Dataset, device: torch.device) -> Tensor:
    """The samples of the training split, which comes first, int16 of (frames, channels)."""
    shape = (dataset.index.frames("train"), dataset.index.channels)
    samples = torch.empty(shape, dtype=torch.int16, device=device)
    rows = _BLOCK // dataset.index.channels
    for start in range(0, shape[0], rows):
        samples[start : start + rows] = torch.from_numpy(dataset.raw(start, min(rows, shape[0] - start)))
    return samples
