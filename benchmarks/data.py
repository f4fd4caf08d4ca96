"""What data costs, against reading it and nothing else: preparing a dataset, and making training crops of it.

Preparing. Each round takes every way once, on the same FLAC files, in the page cache:

- `decode`: libsndfile decodes every file to float32 in one thread, block by block, and nothing is kept.
- `prepare`: `data prepare` of the same files: hashed, decoded, folded, resampled where needed, rounded, written.

The bound is `decode` divided by the cores; `ratio` is how many times the bound preparing takes. `same_rate` are files
at the dataset's rate, `resampled` the same samples called 48 kHz, whose bound has soxr's resampling in it.

Crops. Each round takes every way once, on the same dataset and at the same positions, in milliseconds an item:

- `bound`: the crop's bytes read with `numpy.fromfile` into a new int16 array: no way can do less.
- `crop`: a memory-mapped crop as float32, (channels, frames).
- `plain`, `preset`: a sampler's item without augmentation, and with the published one.
- `mangle`, `gain`, `mute`, `compress`, `speed`, `equalise`: `plain` with one augmentation at every item.
- `all`: everything at every item but mute.
- `resident`: the published one in torch on this machine's CPU, 8 items a batch.

Workers. The wait for a batch of 8 with the published augmentation, ms, when a step of `--step` ms of sleep lies between
two, with 0, 1 and 2 workers; `start` is the time from opening the loader until its workers are ready, ms.

Times are medians over the rounds. Prints one JSON document.

    python benchmarks/data.py [--crop 131072] [--minutes 30] [--items 40] [--rounds 5] [--step 200]
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import soundfile
import soxr
import torch

from ravetui.config import DataSettings
from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.index import AUDIO, BYTES, DatasetIndex, Segment, SourceFile, Split, write_index
from ravetui.engine.data.loader import Loader
from ravetui.engine.data.prepare import prepare
from ravetui.engine.data.resident.source import Resident
from ravetui.runs.training_spec import AugmentSpec

RATE = 44100
BATCH = 8
BLOCK = 1 << 18
"""Frames decoded at a time."""
NOTHING = AugmentSpec(phase_mangle=0)
SPECS = {
    "plain": NOTHING,
    "preset": AugmentSpec(),
    "mangle": AugmentSpec(phase_mangle=1),
    "gain": AugmentSpec(phase_mangle=0, gain=6),
    "mute": AugmentSpec(phase_mangle=0, mute=1),
    "compress": AugmentSpec(phase_mangle=0, compress=1),
    "speed": AugmentSpec(phase_mangle=0, speed=2),
    "equalise": AugmentSpec(phase_mangle=0, equalise=6),
    "all": AugmentSpec(phase_mangle=1, gain=6, compress=1, speed=2, equalise=6),
}

Way = Callable[[], object]


def music(seconds: int, seed: int) -> np.ndarray:
    """Decaying partials and a little noise: what FLAC finds as hard as music."""
    random = np.random.default_rng(seed)
    at = np.arange(seconds * RATE) / RATE
    audio = 0.02 * random.standard_normal(len(at))
    for hertz in random.uniform(80, 4000, 12):
        audio += 0.08 * np.exp(-2 * (at % 0.5)) * np.sin(2 * np.pi * hertz * at)
    return audio.astype(np.float32)


def rounds(ways: dict[str, Way], number: int) -> dict[str, float]:
    """Seconds of each way, medians over interleaved rounds; the first round warms up."""
    found: dict[str, list[float]] = {}
    for turn in range(number + 1):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            if turn:
                found.setdefault(name, []).append(time.perf_counter() - began)
    return {name: statistics.median(times) for name, times in found.items()}


def decode_all(paths: Iterable[Path], rate: int) -> None:
    """Decode, and resample where the rate is another, keeping nothing."""
    for path in paths:
        with soundfile.SoundFile(path) as file:
            stream = None
            if file.samplerate != rate:
                stream = soxr.ResampleStream(file.samplerate, rate, file.channels, "float32", "HQ")
            while len(block := file.read(BLOCK, dtype="float32", always_2d=True)):
                if stream is not None:
                    stream.resample_chunk(block)


def measure_preparing(folder: Path, rate: int, minutes: int, number: int) -> dict[str, float]:
    """Bound and time of preparing files at a rate."""
    source = folder / f"source-{rate}"
    source.mkdir()
    for take in range(12):
        soundfile.write(source / f"{take}.flac", music(5 * minutes, take), rate)
    paths = sorted(source.iterdir())
    made = iter(range(1000))

    def whole() -> None:
        prepare(folder / f"made-{rate}-{next(made)}", [source], DataSettings(RATE, 1), lambda _share, _note: None)

    times = rounds({"decode": lambda: decode_all(paths, RATE), "prepare": whole}, number)
    bound = times["decode"] / (os.cpu_count() or 1)
    return {
        "decode_s": round(times["decode"], 3),
        "bound_s": round(bound, 3),
        "prepare_s": round(times["prepare"], 3),
        "ratio": round(times["prepare"] / bound, 2),
        "times_realtime": round(minutes * 60 / times["prepare"]),
    }


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


def measure_crops(dataset: Dataset, crop: int, items: int, number: int) -> dict[str, float]:
    """Milliseconds an item of each way."""
    samplers = {name: CropSampler(dataset, crop, BATCH, 0, spec) for name, spec in SPECS.items()}
    plain = samplers["plain"]
    resident = Resident(samplers["preset"], torch.device("cpu"))
    path = dataset.folder / AUDIO
    turn = 0

    def bound(position: int) -> object:
        segment, start = plain.place(position)
        first = dataset.index.segments[segment].offset + start
        return np.fromfile(path, "<i2", crop, offset=first * BYTES)

    def only_crop(position: int) -> object:
        segment, start = plain.place(position)
        return dataset.crop(segment, start, crop)

    def over_items(way: Callable[[int], object]) -> Way:
        def run() -> None:
            nonlocal turn
            turn += 1
            for position in range(turn * items, (turn + 1) * items):
                way(position)

        return run

    singles = {"bound": bound, "crop": only_crop, **{name: item.item for name, item in samplers.items()}}
    ways = {name: over_items(way) for name, way in singles.items()}
    ways["resident"] = lambda: [resident.take(step, []) for step in range(items // BATCH)]
    return {name: seconds / items * 1000 for name, seconds in rounds(ways, number).items()}


def measure_workers(dataset: Dataset, crop: int, steps: int, step_ms: float) -> dict[str, dict[str, float]]:
    """The wait for a batch, and the start, with 0, 1 and 2 workers, interleaved step by step."""
    found: dict[str, dict[str, float]] = {}
    loaders: dict[int, Loader] = {}
    for workers in (0, 1, 2):
        began = time.perf_counter()
        loaders[workers] = Loader(CropSampler(dataset, crop, BATCH, 0, AugmentSpec()), workers)
        while not all(worker.is_ready for worker in loaders[workers].workers):
            time.sleep(0.005)
        found[str(workers)] = {"start_ms": round((time.perf_counter() - began) * 1000)}
    for workers, loader in loaders.items():
        waits = []
        for window in range(steps):
            began = time.perf_counter()
            loader.take(window, range(window + 1, window + 1 + loader.ahead))
            waits.append(time.perf_counter() - began)
            time.sleep(step_ms / 1000)
        found[str(workers)]["wait_ms"] = round(statistics.median(waits[1:]) * 1000, 3)
        loader.close()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crop", type=int, default=131072, help="frames a crop")
    parser.add_argument("--minutes", type=int, default=30, help="length of the audio")
    parser.add_argument("--items", type=int, default=40, help="items a way and round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--step", type=float, default=200, help="between two batches, ms")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        preparing = {
            "same_rate": measure_preparing(folder, RATE, options.minutes, options.rounds),
            "resampled": measure_preparing(folder, 48000, options.minutes, options.rounds),
        }
        dataset = write_dataset(folder, options.minutes)
        times = measure_crops(dataset, options.crop, options.items, options.rounds)
        workers = measure_workers(dataset, options.crop, options.items, options.step)
    result = {
        "cores": os.cpu_count(),
        "minutes": options.minutes,
        "preparing": preparing,
        "crop": options.crop,
        "ms_per_item": {name: round(value, 4) for name, value in times.items()},
        "ratio": {name: round(value / times["bound"], 2) for name, value in times.items()},
        "workers": workers,
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
