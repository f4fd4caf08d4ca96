"""Claim: a training step costs less than the reference's, in each phase, at equal mathematics.

Both trainers live in a process of their own with the same threads and take turns: a step of ours, a step of theirs. The
reference is acids-rave 2.3.1's own ``training_step`` (``benchmarks/setup_acids_rave.sh`` installs it), driven without
Lightning. Prints medians, ratios (theirs / ours) and peak memory as JSON.

    python benchmarks/train_step.py --reference .venv-acids-rave/bin/python --config v1 --batch 8 --rounds 5
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

KINDS = ("phase_1", "phase_2_discriminator", "phase_2_generator")


def ours(options: argparse.Namespace) -> Callable[[str], None]:
    """A function that does one of our updates."""
    import torch

    from ravetui.engine.presets import PRESETS
    from ravetui.engine.training.state import build_state
    from ravetui.engine.training.update import update
    from ravetui.runs.spec import DataRef, RunSpec

    preset = PRESETS[options.config]
    data = DataRef("none", "", "", 1)
    spec = RunSpec("bench", "bench", "", preset.name, preset.model, preset.loss, preset.training, data)
    state = build_state(spec, torch.device(options.device))
    audio = _audio(options)

    def step(kind: str) -> None:
        if kind == "phase_1":
            state.phase_2_step = None
        else:
            # Phase 2 began so many steps ago that the next one is of the wanted kind.
            state.phase_2_step = state.step - (0 if kind == "phase_2_discriminator" else 1)
        state.enter_training()
        update(state, audio)

    return step


def theirs(options: argparse.Namespace) -> Callable[[str], None]:
    """A function that does one ``training_step`` of acids-rave."""
    import gin
    import rave

    gin.parse_config_file(str(Path(rave.__path__[0]) / "configs" / f"{options.config}.gin"))
    model: Any = rave.RAVE(n_channels=1).to(options.device).train()
    generator, discriminator = model.configure_optimizers()
    optimizers = generator["optimizer"], discriminator["optimizer"]
    model.optimizers = lambda: optimizers
    model.log = model.log_dict = lambda *_, **__: None
    audio = _audio(options)

    def step(kind: str) -> None:
        model.warmed_up = kind != "phase_1"
        model.training_step(audio, 1 if kind == "phase_2_generator" else 0)

    return step


def _audio(options: argparse.Namespace) -> Any:
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    return (0.1 * torch.randn(options.batch, 1, options.crop)).to(options.device)


def work(options: argparse.Namespace) -> None:
    """Do the steps that standard input asks for and answer with their seconds; at the end with the peak memory."""
    import torch

    warnings.simplefilter("ignore")
    step = (ours if options.worker == "ours" else theirs)(options)
    for line in sys.stdin:
        began = time.perf_counter()
        step(line.strip())
        if options.device == "cuda":
            torch.cuda.synchronize()
        print(time.perf_counter() - began, flush=True)
    on_device = torch.cuda.max_memory_allocated() if options.device == "cuda" else None
    print(on_device or 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)


class Worker:
    """One of the two, in a process of its own."""

    def __init__(self, name: str, python: str, arguments: list[str]) -> None:
        command = [python, "-W", "ignore", __file__, "--worker", name, *arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.seconds: dict[str, list[float]] = {}

    def step(self, kind: str, *, counts: bool) -> None:
        """Do one step and wait for it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(kind, file=self._process.stdin, flush=True)
        seconds = self._number()
        if counts:
            self.seconds.setdefault(kind, []).append(seconds)

    def peak_bytes(self) -> int:
        """End it and hear how much memory it used at most."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        peak = int(self._number())
        self._process.wait()
        return peak

    def _number(self) -> float:
        """The next line that is a number: a library may have said something in between."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                return float(line)
            except ValueError:
                continue
        raise SystemExit("a worker ended; its error is above")


def main(options: argparse.Namespace) -> None:
    """Measure kind after kind, each with fresh workers, so that peak memory belongs to it."""
    arguments = [f"--{name}={getattr(options, name)}" for name in ("config", "batch", "crop", "threads", "device")]
    result: dict[str, Any] = {"config": options.config, "batch": options.batch, "crop": options.crop}
    for kind in KINDS:
        workers = {
            "ours": Worker("ours", sys.executable, arguments),
            "theirs": Worker("theirs", options.reference, arguments),
        }
        for number in range(options.rounds + 1):
            for worker in workers.values():
                worker.step(kind, counts=number > 0)
        median = {name: statistics.median(worker.seconds[kind]) for name, worker in workers.items()}
        fastest = {name: min(worker.seconds[kind]) for name, worker in workers.items()}
        peak = {name: worker.peak_bytes() for name, worker in workers.items()}
        result[kind] = {
            "median_s": {name: round(value, 4) for name, value in median.items()},
            "ratio": round(median["theirs"] / median["ours"], 2),
            "ratio_of_minima": round(fastest["theirs"] / fastest["ours"], 2),
            "peak_mb": {name: round(value / 1e6) for name, value in peak.items()},
            "memory_ratio": round(peak["ours"] / peak["theirs"], 2),
        }
    print(json.dumps(result))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", default=".venv-acids-rave/bin/python", help="python of the reference")
    parser.add_argument("--config", default="v1")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--crop", type=int, default=131072)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--worker", choices=("ours", "theirs"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.worker:
        work(chosen)
    else:
        main(chosen)
