"""Claim: a training step costs less than the reference's, in each phase, at equal mathematics.

Each trainer lives in a process of its own with the same threads, and they take turns: a step of ours in each precision,
a step of theirs. The reference is acids-rave 2.3.1's own ``training_step`` in fp32 (``benchmarks/setup_acids_rave.sh``
installs it), driven without Lightning. Prints seconds, ratios (theirs / ours) and peak memory as JSON. Where others use
the machine too, look at ``ratio_of_cpu``, of processor time (on a CPU): it hardly hears them.

    python benchmarks/train_step.py --reference .venv-acids-rave/bin/python --config v1 --batch 8 --rounds 5
    python benchmarks/train_step.py --device cuda --config v2 --batch 32 --precision bf16 --compile on
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
THEIRS = "acids_rave"


def ours(options: argparse.Namespace) -> Callable[[str], None]:
    """A function that does one of our updates."""
    import torch

    from ravetui.engine.presets import PRESETS
    from ravetui.engine.training.precision import Computing, compute_with, prepare_device
    from ravetui.engine.training.state import build_state
    from ravetui.engine.training.update import update
    from ravetui.runs.spec import DataRef, RunSpec

    preset = PRESETS[options.config]
    data = DataRef("none", "", "", 1)
    spec = RunSpec("bench", "bench", "", preset.name, preset.model, preset.loss, preset.training, data)
    device = torch.device(options.device)
    prepare_device(device)
    state = build_state(spec, device)
    compute_with(state, Computing(options.worker, compiled=options.compile == "on"))
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
    step = (theirs if options.worker == THEIRS else ours)(options)
    for line in sys.stdin:
        began, busy = time.perf_counter(), time.process_time()
        step(line.strip())
        if options.device == "cuda":
            torch.cuda.synchronize()
        print(f"step {time.perf_counter() - began} {time.process_time() - busy}", flush=True)
    on_device = torch.cuda.max_memory_allocated() if options.device == "cuda" else None
    print(f"peak {on_device or 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}", flush=True)


class Worker:
    """A trainer in a process of its own."""

    def __init__(self, name: str, python: str, arguments: list[str]) -> None:
        command = [python, "-W", "ignore", __file__, "--worker", name, *arguments]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.seconds: list[float] = []
        self.cpu_seconds: list[float] = []

    def step(self, kind: str, *, counts: bool) -> None:
        """Do one step and wait for it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(kind, file=self._process.stdin, flush=True)
        seconds, cpu_seconds = self._numbers("step")
        if counts:
            self.seconds.append(seconds)
            self.cpu_seconds.append(cpu_seconds)

    def peak_bytes(self) -> int:
        """End it and hear how much memory it used at most."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        (peak,) = self._numbers("peak")
        self._process.wait()
        return int(peak)

    def _numbers(self, word: str) -> list[float]:
        """Those of the next line that begins with ``word``: a library may have said something in between."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            first, *numbers = line.split() or [""]
            if first == word:
                return [float(number) for number in numbers]
        raise SystemExit("a worker ended; its error is above")


def main(options: argparse.Namespace) -> None:
    """Measure kind after kind, each with fresh workers, so that peak memory belongs to it."""
    names = ("config", "batch", "crop", "threads", "device", "compile")
    arguments = [f"--{name}={getattr(options, name)}" for name in names]
    precisions = ("fp32", "bf16") if options.precision == "both" else (options.precision,)
    result: dict[str, Any] = {name: getattr(options, name) for name in (*names, "rounds")}
    for kind in options.kinds.split(","):
        workers = {name: Worker(name, sys.executable, arguments) for name in precisions}
        workers[THEIRS] = Worker(THEIRS, options.reference, arguments)
        for number in range(options.rounds + 1):
            for worker in workers.values():
                worker.step(kind, counts=number > 0)
        reference = workers.pop(THEIRS)
        peak = reference.peak_bytes()
        result[kind] = {THEIRS: _figures(reference, peak)}
        for name, worker in workers.items():
            ours_peak = worker.peak_bytes()
            result[kind][name] = _figures(worker, ours_peak) | {
                "ratio": round(statistics.median(reference.seconds) / statistics.median(worker.seconds), 2),
                "ratio_of_minima": round(min(reference.seconds) / min(worker.seconds), 2),
                "ratio_of_cpu": round(min(reference.cpu_seconds) / min(worker.cpu_seconds), 2),
                "memory_ratio": round(ours_peak / peak, 2),
            }
    print(json.dumps(result))


def _figures(worker: Worker, peak_bytes: int) -> dict[str, float]:
    return {
        "median_s": round(statistics.median(worker.seconds), 4),
        "fastest_s": round(min(worker.seconds), 4),
        "least_cpu_s": round(min(worker.cpu_seconds), 4),
        "peak_mb": round(peak_bytes / 1e6),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", default=".venv-acids-rave/bin/python", help="python of the reference")
    parser.add_argument("--config", default="v1")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--crop", type=int, default=131072)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--precision", choices=("fp32", "bf16", "both"), default="both", help="ours")
    parser.add_argument("--compile", choices=("on", "off"), default="off", help="ours, by torch.compile")
    parser.add_argument("--kinds", default=",".join(KINDS), help="of step, separated by commas")
    parser.add_argument("--worker", choices=("fp32", "bf16", THEIRS), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.worker:
        work(chosen)
    else:
        main(chosen)
