"""Training batches as a pure function of (seed, step)."""

from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from ravetui.engine.data.augment.alter import alter
from ravetui.engine.data.augment.alteration import Alteration, draw_alteration
from ravetui.engine.data.augment.dequantise import dequantisation
from ravetui.engine.data.augment.speed import limit_speed
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.enough import check_enough
from ravetui.runs.spec import RunSpec
from ravetui.runs.training_spec import AugmentSpec

_ORDER, _ITEM, _NOISE = 1, 2, 8
"""Top words of the counters, so that the kinds of random streams never meet; the augmentations have 3 to 7."""


@dataclass(frozen=True)
class Cut:
    """Where a crop comes from and what is done to it."""

    segment: int
    """Its number in the dataset."""
    start: int
    """First frame in it."""
    frames: int
    """How many are read; other than the crop's where the speed changes."""
    alteration: Alteration


class CropSampler:
    """Random crops of the training split: every window once an epoch, in an order drawn for each epoch.

    Each training segment of f frames has floor(f / crop) windows. Its f − crop + 1 possible starts are cut into that
    many equal strata, and a window is one crop whose start is uniform in its stratum. So every start is equally likely
    and an epoch still covers the segment evenly. Where a change of speed reads a longer stretch, that begins as late as
    the segment allows. The crop is then altered (:mod:`ravetui.engine.data.augment`) and dequantised.

    There is no state: randomness is Philox (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), a
    counter-based generator, keyed by the seed and the epoch for the order and by the seed and the item's position for
    everything else. Any step can be asked for at any time and gives the same bits.

    Args:
        dataset: Where the crops come from.
        crop: Frames of audio a crop.
        batch_size: Crops a step and rank.
        seed: Any integer.
        augment: What is done to the crops.
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
        augment: AugmentSpec,
        *,
        ranks: int = 1,
        rank: int = 0,
    ) -> None:
        check_enough(dataset.index, crop, batch_size * ranks)
        self.crop = crop
        self.batch_size = batch_size
        self.augment = augment
        self.seed = seed
        self.dataset = dataset
        self._ranks = ranks
        self._rank = rank
        self._together = batch_size * ranks
        self._segments = dataset.segments("train")
        self._windows = np.array([segment.frames // crop for _, segment in self._segments])
        self._ends = np.cumsum(self._windows)
        self._order = lru_cache(2)(self._draw_order)

    @classmethod
    def of(cls, dataset: Dataset, spec: RunSpec, *, ranks: int = 1, rank: int = 0) -> "CropSampler":
        """The sampler of a run.

        Raises:
            DataError: There is too little audio for one step.
        """
        training = spec.training
        return cls(dataset, training.crop, training.batch_size, training.seed, spec.augment, ranks=ranks, rank=rank)

    def __reduce__(self) -> tuple["partial[CropSampler]", tuple[Dataset, int, int, int, AugmentSpec]]:
        """Pickled as its arguments."""
        one_of = partial(type(self), ranks=self._ranks, rank=self._rank)
        return one_of, (self.dataset, self.crop, self.batch_size, self.seed, self.augment)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of a batch, (batch, channels, crop)."""
        return self.batch_size, self.dataset.index.channels, self.crop

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

    def cut(self, position: int) -> Cut:
        """Where the item at ``position`` comes from and what is done to it, its dequantisation apart."""
        return self._cut(position, self._generator(_ITEM, position))

    def item(self, position: int) -> NDArray[np.float32]:
        """The crop at ``position``, (channels, crop)."""
        random = self._generator(_ITEM, position)
        cut = self._cut(position, random)
        audio = self.dataset.crop(cut.segment, cut.start, cut.frames)
        audio = alter(audio, self.dataset.index.sampling_rate, cut.alteration, self.crop)
        audio += dequantisation(audio.shape, random)
        return audio

    def positions(self, step: int) -> range:
        """This rank's items of a step counted from 0."""
        first = (step * self._ranks + self._rank) * self.batch_size
        return range(first, first + self.batch_size)

    def batch(self, step: int) -> NDArray[np.float32]:
        """This rank's batch of a step counted from 0, (batch, channels, crop)."""
        return np.stack([self.item(position) for position in self.positions(step)])

    def noise_seed(self, step: int) -> int:
        """A seed for whoever draws the dequantisation of a whole batch with another generator."""
        return int(self._generator(_NOISE, step * self._ranks + self._rank).integers(2**63))

    def _cut(self, position: int, random: np.random.Generator) -> Cut:
        segment, start = self._place(position, random)
        alteration = draw_alteration(self.augment, random, lambda kind: self._generator(kind, position))
        if alteration.speed is None:
            return Cut(segment, start, self.crop, alteration)
        available = self.dataset.index.segments[segment].frames
        speed = limit_speed(alteration.speed, self.crop, available)
        frames = speed.frames(self.crop) if speed else self.crop
        return Cut(segment, min(start, available - frames), frames, replace(alteration, speed=speed))

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
        key = np.array([self.seed % 2**64, number], np.uint64)
        return np.random.Generator(np.random.Philox(key=key, counter=np.array([0, 0, 0, kind], np.uint64)))
