"""What a thread that makes the next batch costs and saves on a CPU, against making each batch between two steps.

Rounds of `--steps` steps of phase 1 with each way in turn, on the same networks, with the published augmentation, and
as many threads of torch as there are cores. `wait_share` is the part of the step's wall time that was spent waiting for
its batch; `ratio` is the wall time of a step with the thread to that without, and `processor` the same of processor
time. Medians over the rounds; the first warms up. Prints one JSON document.

    python benchmarks/prefetch.py [--preset tiny] [--rounds 9] [--steps 5] [--set k=v ...]
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import torch
from data import write_dataset

from ravetui.config import RunSettings
from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.loader import Loader
from ravetui.engine.plan import make_plan
from ravetui.engine.training.batches import Batches, Source
from ravetui.engine.training.prefetch import Prefetch
from ravetui.engine.training.state import build_state
from ravetui.engine.training.update import update
from ravetui.runs.spec import DataRef, RunSpec


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="tiny")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--set", action="append", default=[], metavar="K=V")
    options = parser.parse_args()
    changes = {"preset": options.preset, **dict(item.split("=", 1) for item in options.set)}
    with tempfile.TemporaryDirectory() as name:
        dataset = write_dataset(Path(name), 10)
        plan = make_plan(dataset.index, RunSettings(), changes)
        data = DataRef("data", name, "", 1)
        spec = RunSpec("bench", "", "", options.preset, plan.model, plan.loss, plan.training, data, plan.augment)
        sampler = CropSampler.of(dataset, spec)
        state = build_state(spec, torch.device("cpu"))
        state.enter_training()
        sources: dict[str, Source] = {"between": Loader(sampler, 0), "thread": Prefetch(sampler)}
        batches = {way: Batches(source, ()) for way, source in sources.items()}
        found: dict[str, list[tuple[float, float, float]]] = {way: [] for way in batches}
        for turn in range(options.rounds + 1):
            for way, made in batches.items():
                wait, began, used = 0.0, time.perf_counter(), time.process_time()
                for step in range(turn * options.steps, (turn + 1) * options.steps):
                    asked = time.perf_counter()
                    crops = made.take(step)
                    wait += time.perf_counter() - asked
                    update(state, crops)
                wall, processor = time.perf_counter() - began, time.process_time() - used
                if turn:
                    found[way].append((wall, processor, wait / wall))
        for made in batches.values():
            made.close()
    middle = {way: [statistics.median(column) for column in zip(*rows, strict=True)] for way, rows in found.items()}
    between, thread = middle["between"], middle["thread"]
    pairs = [two[0] / one[0] for one, two in zip(found["between"], found["thread"], strict=True)]
    result = {
        "step_ms": {way: round(1000 * row[0] / options.steps, 1) for way, row in middle.items()},
        "wait_share": {way: round(row[2], 4) for way, row in middle.items()},
        "ratio": round(statistics.median(pairs), 3),
        "ratio_of_minima": round(min(r[0] for r in found["thread"]) / min(r[0] for r in found["between"]), 3),
        "processor": round(thread[1] / between[1], 3),
    }
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
