"""What a training crop costs, against reading it and nothing else.

Each round takes every way once, on the same dataset and at the same positions, in one process and thread:

- `bound`: the crop's bytes read with `numpy.fromfile` into a new int16 array: no way can do less.
- `crop`: a memory-mapped crop as float32, (channels, frames).
- `plain`: a sampler's item without phase mangling: order, place, crop and dequantisation.
- `mangled`: the same with the all-pass filter on every item.
- `preset`: the same with the presets' probability of 0.8: what training pays.

The file is in the page cache, as it is after an epoch. Times are medians over the rounds, in milliseconds an item;
`ratio` is how many times the bound. Prints one JSON document.

    python benchmarks/data.py [--crop 131072] [--minutes 30] [--items 40] [--rounds 7]
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.index import AUDIO, BYTES, DatasetIndex, Segment, SourceFile, Split, write_index

RATE = 44100


def write_dataset(folder: Path, minutes: int) -> Dataset:
    """A mono dataset of noise: one training segment a minute, and a minute of validation."""
    frames = 60 * RATE
    random = np.random.default_rng(0)
    segments = []
    with (folder / AUDIO).open("wb") as file:
        for number in range(minutes + 1):
            random.integers(-8000, 8000, frames, np.int16).astype("<i2").tofile(file)
            split: Split = "train" if number < minutes else "validation"
            source = SourceFile(f"{number}.wav", str(number), 0, frames, RATE, 1, 0)
            segments.append(Segment(number * frames, frames, split, (source,)))
    write_index(folder, DatasetIndex(RATE, 1, "2026-01-01T00:00:00+00:00", "noise", "file", tuple(segments)))
    return Dataset(folder)


def ways(dataset: Dataset, crop: int) -> dict[str, Callable[[int], object]]:
    """Each way to get the item at a position."""
    plain, mangled, preset = (CropSampler(dataset, crop, 8, 0, chance) for chance in (0.0, 1.0, 0.8))
    path = dataset.folder / AUDIO

    def bound(position: int) -> object:
        segment, start = plain.place(position)
        first = dataset.index.segments[segment].offset + start
        return np.fromfile(path, "<i2", crop, offset=first * BYTES)

    def only_crop(position: int) -> object:
        segment, start = plain.place(position)
        return dataset.crop(segment, start, crop)

    return {
        "bound": bound,
        "crop": only_crop,
        "plain": plain.item,
        "mangled": mangled.item,
        "preset": preset.item,
    }


def measure(dataset: Dataset, crop: int, items: int, rounds: int) -> dict[str, float]:
    """Milliseconds an item of each way, medians over interleaved rounds; the first round warms up."""
    found: dict[str, list[float]] = {}
    for number in range(rounds + 1):
        for name, way in ways(dataset, crop).items():
            began = time.perf_counter()
            for position in range(number * items, (number + 1) * items):
                way(position)
            if number:
                found.setdefault(name, []).append((time.perf_counter() - began) / items * 1000)
    return {name: statistics.median(times) for name, times in found.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crop", type=int, default=131072, help="frames a crop")
    parser.add_argument("--minutes", type=int, default=30, help="length of the dataset")
    parser.add_argument("--items", type=int, default=40, help="items a way and round")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        times = measure(write_dataset(Path(folder), options.minutes), options.crop, options.items, options.rounds)
    result = {
        "crop": options.crop,
        "ms_per_item": {name: round(value, 4) for name, value in times.items()},
        "ratio": {name: round(value / times["bound"], 2) for name, value in times.items()},
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
