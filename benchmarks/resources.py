"""What measuring its own use costs a trainer, against the ten seconds between two looks.

A process with a network's worth of memory and a few children like loader workers looks at itself as a trainer does.
Medians over many looks, with a scan for new processes in every sixth, as in training:

- `look_ms`: CPU time of the thread that looks, user and system.
- `look_and_ask_ms`: the same with a program that is started and read beside it, as `nvidia-smi` is where there is a
  GPU; what that program does itself is another process's time.
- `share_of_training`: the larger of ten seconds; the claim is that it is below 0.0005.

Prints one JSON document. Usage: python benchmarks/resources.py
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from ravetui.engine.resources.meter import ResourceMeter
from ravetui.engine.resources.sampler import EVERY_SECONDS
from ravetui.runs.folder import RunFolder

WORKERS, FILES, LOOKS = 4, 2000, 120


def main() -> None:
    """Measure and print."""
    kept = torch.ones(200_000_000)
    command = [sys.executable, "-c", "import numpy, sys; kept = numpy.ones(5_000_000); sys.stdin.read()"]
    workers = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(WORKERS)]
    with tempfile.TemporaryDirectory() as folder:
        for number in range(FILES):
            (Path(folder) / f"clip-{number}").write_bytes(b"x")
        meter = ResourceMeter(RunFolder(Path(folder)), torch.device("cpu"))
        meter.look()
        spent = []
        for _ in range(LOOKS):
            began = time.thread_time()
            meter.look()
            spent.append(1e3 * (time.thread_time() - began))
        asked = statistics.mean(_asked(meter) for _ in range(LOOKS))
    for worker in workers:
        worker.communicate()
    mean = statistics.mean(spent)
    print(
        json.dumps(
            {
                "processes": 1 + WORKERS,
                "memory_gb": round(kept.numel() * 4e-9, 1),
                "look_ms": {"mean": mean, "median": statistics.median(spent), "largest": max(spent)},
                "look_and_ask_ms": asked,
                "share_of_training": asked / 1e3 / EVERY_SECONDS,
            },
            indent=2,
        )
    )


def _asked(meter: ResourceMeter) -> float:
    """Milliseconds of this thread's time that a look and a small program beside it take."""
    began = time.thread_time()
    meter.look()
    subprocess.run(["true"], stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return 1e3 * (time.thread_time() - began)


if __name__ == "__main__":
    main()
