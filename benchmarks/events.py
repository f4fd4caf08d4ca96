"""A TensorBoard event file of a million numbers, cold to complete series: ours against TensorBoard's own loader.

Each measurement is a process of its own, start included; they take turns, and the smallest time of each counts. The
peer is what `tensorboard` reads with when it has no data server: ``EventAccumulator`` over the Python loader, keeping
every number.

    python benchmarks/events.py [--points 1000000] [--rounds 3] [--without-peer]
"""

import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ravetui.runs.event_record import ScalarRow, version_record

BOUND_SECONDS = 2.5
OURS = """
import resource, sys
from pathlib import Path
from ravetui.runs.foreign.folder import TENSORBOARD, ForeignFolder
from ravetui.runs.foreign.history import ForeignHistory
history = ForeignHistory(ForeignFolder(Path("kept"), Path(sys.argv[1]), TENSORBOARD))
history.poll()
count = sum(len(history.series(tag).step) for tag in history.tags)
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, *(len(file.damage) for file in history.files))
"""
THEIRS = """
import resource, sys, warnings
warnings.simplefilter("ignore")
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
read = EventAccumulator(sys.argv[1], {"scalars": 0}).Reload()
count = sum(len(read.Scalars(tag)) for tag in read.Tags()["scalars"])
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-peer", action="store_true")
    options = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for tags in (1, 10):
            log = Path(folder) / str(tags)
            size = make(log, tags, options.points // tags)
            found.append(measure(log, tags, size, options.rounds, peer=not options.without_peer))
    print(json.dumps({"events": found}, indent=2))


def make(log: Path, tags: int, steps: int) -> int:
    """Write a file with an event a number, as Lightning does; its size in bytes."""
    log.mkdir()
    rows = [ScalarRow(["loss" if tags == 1 else f"loss{number}"]) for number in range(tags)]
    path = log / "events.out.tfevents.1700000000.host.1.0"
    with path.open("wb") as file:
        file.write(version_record(1.7e9))
        for step in range(steps):
            for number, row in enumerate(rows):
                file.write(row.record(step, 1.7e9 + step / 100, [1.0 / (1 + step) + number]))
    return path.stat().st_size


def measure(log: Path, tags: int, size: int, rounds: int, *, peer: bool) -> dict[str, object]:
    """Both, by turns."""
    names = {"ours": OURS, **({"tensorboard": THEIRS} if peer else {})}
    seconds: dict[str, list[float]] = {name: [] for name in names}
    cpu: dict[str, list[float]] = {name: [] for name in names}
    memory: dict[str, int] = {}
    counts: dict[str, int] = {}
    for number in range(rounds):
        for name, code in names.items():
            if number and name == "tensorboard":
                continue  # A minute and more: once is enough, its spread is far below the difference.
            began, before = time.perf_counter(), os.times()
            done = subprocess.run([sys.executable, "-c", code, str(log)], capture_output=True, text=True, check=True)
            seconds[name].append(time.perf_counter() - began)
            after = os.times()
            cpu[name].append(sum(after[2:4]) - sum(before[2:4]))
            counts[name], memory[name], damage = (int(text) for text in done.stdout.split())
            assert damage == 0
    best = {name: min(times) for name, times in seconds.items()}
    result: dict[str, object] = {
        "tags": tags,
        "megabytes": round(size / 1e6, 1),
        "numbers": counts,
        "seconds": {name: round(value, 2) for name, value in best.items()},
        "cpu_seconds": {name: round(min(times), 2) for name, times in cpu.items()},
        "peak_mb": {name: round(value / 1024) for name, value in memory.items()},
        "share_of_bound": round(best["ours"] / BOUND_SECONDS, 2),
        "machine": _machine(),
    }
    if peer:
        result["times_faster"] = round(best["tensorboard"] / best["ours"], 1)
    return result


def _machine() -> dict[str, float]:
    """How long a fixed sum takes here and now, so that a busy machine is seen in the result."""
    began, total = time.perf_counter(), 0
    for number in range(2_000_000):
        total += number
    return {"two_million_additions_s": round(time.perf_counter() - began, 3), "word": struct.calcsize("P") * 8}


if __name__ == "__main__":
    main()
