"""Training batches as a pure function of (seed, step)."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.enough import check_enough
from ravetui.engine.data.mangle import phase_mangle as mangle

_ORDER, _ITEM = 1, 2
"""Top words of the counters, so that the two kinds of random streams never meet."""


class CropSampler:
    """Random crops of the training split: every window once an epoch, in an order drawn for each epoch.

    Each training segment of f frames has floor(f / crop) windows. Its f − crop + 1 possible starts are cut into that
    many equal strata, and a window is one crop whose start is uniform in its stratum. So every start is equally likely
    and an epoch still covers the segment evenly. The crop is then phase-mangled with some probability and dequantised,
    as the reference does.

    There is no state: randomness is Philox (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), a
    counter-based generator, keyed by the seed and the epoch for the order and by the seed and the item's position for
    everything else. Any step can be asked for at any time and gives the same bits.

    Args:
        dataset: Where the crops come from.
        crop: Frames of audio a crop.
        batch_size: Crops a step and rank.
        seed: Any integer.
        phase_mangle: Probability of the random all-pass filter, 0 to 1.
        ranks: How many share a step: together they draw what one would with so many times the batch size.
        rank: Which of them draws here, from 0.

    Raises:
        DataError: There is too little audio for one step.
    """

    def __init__(
        self,
        dataset: Dataset,
        crop: int,
        batch_size: int,
        seed: int,
        phase_mangle: float,
        *,
        ranks: int = 1,
        rank: int = 0,
    ) -> None:
        check_enough(dataset.index, crop, batch_size * ranks)
        self.crop = crop
        self.batch_size = batch_size
        self._ranks = ranks
        self._rank = rank
        self._together = batch_size * ranks
        self.phase_mangle = phase_mangle
        self._seed = seed % 2**64
        self._dataset = dataset
        self._segments = dataset.segments("train")
        self._windows = np.array([segment.frames // crop for _, segment in self._segments])
        self._ends = np.cumsum(self._windows)
        self._order = lru_cache(2)(self._draw_order)

    @property
    def windows(self) -> int:
        """Windows of the training split."""
        return int(self._ends[-1])

    @property
    def steps_per_epoch(self) -> int:
        """Full steps of all ranks in the windows; the few left over differ from epoch to epoch."""
        return self.windows // self._together

    def window(self, position: int) -> int:
        """The window, 0 to ``windows`` − 1, of an item.

        Args:
            position: (step × ranks + rank) × batch_size + place in the batch.
        """
        step, place = divmod(position, self._together)
        epoch, within = divmod(step, self.steps_per_epoch)
        return int(self._order(epoch)[within * self._together + place])

    def place(self, position: int) -> tuple[int, int]:
        """The number of the segment and the first frame in it of the item at ``position``."""
        return self._place(position, self._generator(_ITEM, position))

    def item(self, position: int) -> NDArray[np.float32]:
        """The crop at ``position``, (channels, crop)."""
        random = self._generator(_ITEM, position)
        segment, start = self._place(position, random)
        audio = self._dataset.crop(segment, start, self.crop)
        if random.random() < self.phase_mangle:
            audio = mangle(audio, self._dataset.index.sampling_rate, random)
        audio += _dequantisation(audio.shape, random)
        return audio

    def batch(self, step: int) -> NDArray[np.float32]:
        """This rank's batch of a step counted from 0, (batch, channels, crop)."""
        first = (step * self._ranks + self._rank) * self.batch_size
        return np.stack([self.item(position) for position in range(first, first + self.batch_size)])

    def _place(self, position: int, random: np.random.Generator) -> tuple[int, int]:
        window = self.window(position)
        where = int(np.searchsorted(self._ends, window, "right"))
        (number, segment), count = self._segments[where], int(self._windows[where])
        stratum = window - (int(self._ends[where]) - count)
        starts = segment.frames - self.crop + 1
        return number, int(random.integers(stratum * starts // count, (stratum + 1) * starts // count))

    def _draw_order(self, epoch: int) -> NDArray[np.int64]:
        return self._generator(_ORDER, epoch).permutation(self.windows)

    def _generator(self, kind: int, number: int) -> np.random.Generator:
        key = np.array([self._seed, number], np.uint64)
        return np.random.Generator(np.random.Philox(key=key, counter=np.array([0, 0, 0, kind], np.uint64)))


def _dequantisation(shape: tuple[int, ...], random: np.random.Generator) -> NDArray[np.float32]:
    """Noise, uniform from 0 to 2^-16 as the reference's ``Dequantize(16)``, in steps of 2^-32.

    Four 16-bit numbers from each word of the generator take 0.4 of the time of uniform floats.
    """
    size = math.prod(shape)
    numbers = random.bit_generator.random_raw(-(-size // 4)).view(np.uint16)[:size].reshape(shape)
    return np.multiply(numbers, np.float32(2.0**-32), dtype=np.float32)
