"""Claim: watching a run (its journal, requests, stop rules and health) costs less than 0.5 % of a training step.

Steps of a preset are made as a trainer makes them, in a run folder of their own. What watching costs is timed beside
each step: journaling a row a table, looking for requests twice, the stop rules, the finite check, and the norm of the
gradients, which is computed for that check alone. Prints medians of processor seconds and the share as JSON.

    python benchmarks/monitoring.py --preset v1 --batch 8 --rounds 5
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from ravetui.engine.presets import PRESETS
from ravetui.engine.training.finite import check_step
from ravetui.engine.training.journal import TrainingJournal
from ravetui.engine.training.precision import prepare_device
from ravetui.engine.training.state import build_state
from ravetui.engine.training.stopping import StopWatch
from ravetui.engine.training.update import Values, update
from ravetui.runs import control
from ravetui.runs.folder import RunFolder
from ravetui.runs.spec import DataRef, RunSpec


def timed(do: Callable[[], object]) -> float:
    """Processor seconds of a call."""
    began = time.process_time()
    do()
    return time.process_time() - began


def main(options: argparse.Namespace) -> None:
    """Measure each part beside the same step."""
    torch.set_num_threads(options.threads)
    preset, device = PRESETS[options.preset], torch.device("cpu")
    prepare_device(device)
    data = DataRef("none", "", "", 1000)
    spec = RunSpec("bench", "bench", "", preset.name, preset.model, preset.loss, preset.training, data)
    state = build_state(spec, device)
    audio = 0.1 * torch.randn(options.batch, spec.model.channels, options.crop)
    seconds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(Path(folder))
        run.attempt(1).path.mkdir(parents=True)
        journal, watch = TrainingJournal(run.attempt(1), 0), StopWatch(run, spec, 0)
        values: Values = {}
        steps = {"steps": {"phase": 1.0, "step_seconds": 0.0, "data_seconds": 0.0}}
        parts: dict[str, Callable[[], object]] = {
            "step": lambda: values.update(update(state, audio)),
            "gradient_norm": lambda: torch.nn.utils.get_total_norm(
                [parameter.grad for parameter in state.rave.parameters() if parameter.grad is not None]
            ),
            "finite": lambda: check_step(state, audio, values),
            "journal": lambda: journal.write(state.step, values | steps),
            "requests": lambda: [control.pending(run) for _ in range(2)],
            "stop_rules": lambda: watch.look(state.step, phase_began=0, validated=False),
        }
        for number in range(options.rounds + 1):
            for name, do in parts.items():
                spent = timed(do)
                if number:
                    seconds.setdefault(name, []).append(spent)
        journal.close()
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    watching = sum(medians.values()) - medians["step"]
    print(
        json.dumps(
            {
                "preset": options.preset,
                "batch": options.batch,
                "cpu_ms": {name: round(1e3 * found, 3) for name, found in medians.items()},
                "share_percent": round(100 * watching / medians["step"], 3),
            }
        )
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="v1")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--crop", type=int, default=131072)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    main(parser.parse_args())
