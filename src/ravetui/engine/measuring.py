"""Times a few real steps of both phases, in a process of its own: ``python -m ravetui.engine.measuring WORKSPACE``.

What is wanted comes as one JSON object on standard input: ``data``, the name of a dataset, and ``changes``, see
:func:`ravetui.engine.plan.make_plan`. It says what it does as JSON objects, one a line, on standard output:
``fraction`` and ``note``; the last one has ``timing``, or ``error`` in a sentence. The result is kept in the
workspace. It ends when its standard input is closed: whoever asked has gone.
"""

import dataclasses
import json
import os
import statistics
import sys
import time
from pathlib import Path
from threading import Thread
from typing import Any

import torch

from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.plan import make_plan
from ravetui.engine.training.device import choose_device
from ravetui.engine.training.precision import Computing, device_kind, has_bf16, prepare_device
from ravetui.engine.training.ranks import ALONE
from ravetui.engine.training.trial import KINDS, Trial, peak_bytes, timing
from ravetui.errors import RavetuiError
from ravetui.runs.estimate import shape_of
from ravetui.runs.spec import DataRef, RunSpec
from ravetui.runs.timing import Timing, Timings
from ravetui.runs.workspace import Workspace

ORDER = (*2 * KINDS[:1], *2 * KINDS[1:], *3 * KINDS)
"""Steps of phase 1 first, so that their memory is known; then in turns, so that another job slows all of them alike."""
FEWEST = 6
"""So many of them are made however long they take."""
ENOUGH = 60.0
"""After it no further step is begun, seconds."""


def measure(workspace: Workspace, data: str, changes: dict[str, str]) -> Timing:
    """Time steps with real crops, whole batches, in the precision that a run would have, and keep the result.

    Raises:
        RavetuiError: Such a run cannot be.
    """
    dataset = Dataset(workspace.dataset_path(data))
    plan = make_plan(dataset.index, workspace.config.run, changes)
    # Each rank does the same with crops of its own: one tells.
    training = dataclasses.replace(plan.training, ranks=1)
    spec = RunSpec("", "", "", plan.preset, plan.model, plan.loss, training, DataRef(data, "", "", 1), plan.augment)
    engine = workspace.config.engine
    device = choose_device(engine.device, 1, ALONE)
    torch.set_num_threads(engine.threads or torch.get_num_threads())
    prepare_device(device)
    half = engine.precision == "bf16" or (engine.precision == "auto" and device.type == "cuda" and has_bf16(device))
    computing = Computing("bf16" if half else "fp32", compiled=False)
    _say(0.0, "building the networks")
    sampler = CropSampler.of(dataset, spec)
    trial = Trial(spec, device, computing, 1)
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    memory: dict[str, int] = {}
    began = time.perf_counter()
    for number, kind in enumerate(ORDER):
        if number >= FEWEST and time.perf_counter() - began > ENOUGH:
            break
        _say(number / len(ORDER), f"a step of {'phase 1' if kind == KINDS[0] else f'the {kind}'}")
        start = time.perf_counter()
        trial.audio = torch.from_numpy(sampler.batch(number)).to(device)
        loading = time.perf_counter() - start if device.type == "cpu" else 0.0
        found[kind].append(loading + trial.step(kind))
        if peak := peak_bytes(device) or _peak_of_process():
            memory.setdefault(kind, peak)
            memory[kind] = memory[kind] if kind == KINDS[0] and number > 1 else max(memory[kind], peak)
    # The first step of each kind makes libraries ready.
    seconds = {kind: statistics.median(times[1:]) for kind, times in found.items()}
    made = timing(spec, device_kind(device), seconds, training.batch_size, memory)
    Timings(workspace.timings).keep(shape_of(dataclasses.replace(spec, training=plan.training)), made)
    return made


def _peak_of_process() -> int | None:
    """The most memory this process had so far, bytes; None where the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM")), None)


def _say(fraction: float, note: str, **more: Any) -> None:
    print(json.dumps({"fraction": round(fraction, 3), "note": note, **more}), flush=True)  # noqa: T201


def _end_with_whoever_asked() -> None:
    sys.stdin.read()
    os._exit(1)


def main(root: Path) -> int:
    """Measure what standard input asks for; the last line says what came of it."""
    wanted = json.loads(sys.stdin.readline())
    Thread(target=_end_with_whoever_asked, daemon=True).start()
    try:
        made = measure(Workspace(root.resolve()), wanted["data"], wanted["changes"])
    except RavetuiError as error:
        print(json.dumps({"error": f"{error.message} {error.remedy}".rstrip()}), flush=True)  # noqa: T201
        return 1
    except (RuntimeError, MemoryError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        print(json.dumps({"error": f"A step failed: {first}"}), flush=True)  # noqa: T201
        return 1
    _say(1.0, "measured", timing=dataclasses.asdict(made))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
