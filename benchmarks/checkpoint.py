"""Claim: a checkpoint, or a validation render, stalls the training loop for its copy and no longer.

One process makes a state of the preset's size (with the moments of both optimisers) and takes turns: a checkpoint
beside the loop (how long ``begin`` keeps it, how long until it is published), and the same one with the loop waiting
for all of it; then the same of a render. Steps are timed alone and while the other is at work. Prints medians in
seconds and ratios as JSON.

    python benchmarks/checkpoint.py --config v1 --rounds 5 --out /where/to/write
"""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ravetui.config import DataSettings, RunSettings
from ravetui.engine.data.clips import validation_clips
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.prepare import prepare
from ravetui.engine.presets import PRESETS
from ravetui.engine.training.rendering import Renderer
from ravetui.engine.training.saving import Saver
from ravetui.engine.training.state import TrainingState, build_state
from ravetui.engine.training.update import update
from ravetui.runs.folder import RunFolder
from ravetui.runs.spec import DataRef, RunSpec


def main(options: argparse.Namespace) -> None:
    """Measure and print."""
    root = Path(tempfile.mkdtemp(dir=options.out))
    try:
        print(json.dumps(measure(options, root), indent=1))
    finally:
        shutil.rmtree(root)


def measure(options: argparse.Namespace, root: Path) -> dict[str, Any]:
    """Everything, in one run."""
    device = torch.device(options.device)
    preset = PRESETS[options.config]
    spec = RunSpec("b", "b", "", preset.name, preset.model, preset.loss, preset.training, DataRef("none", "", "", 1))
    state = build_state(spec, device)
    noise = np.random.default_rng(0).normal(0, 0.1, (options.batch, 1, options.crop))
    audio = torch.from_numpy(noise.astype(np.float32)).to(device)
    fill_moments(state, audio)
    run = RunFolder(root / "run")
    run.path.mkdir()
    saver = Saver(run, 1, RunSettings(), lambda *_, **__: None, lambda: None, 0)
    renderer = renderer_of(run, state, root, options.seconds)

    def step() -> float:
        return timed(lambda: update(state, audio))

    found: dict[str, list[float]] = {}
    for what, work in (("checkpoint", saver), ("render", renderer)):
        names = (f"step_without_{what}", f"step_beside_{what}", f"{what}_stall", f"{what}_whole")
        found.update({name: [] for name in names})
        for number in range(options.rounds + 1):
            alone = step()
            begin = (lambda: saver.begin(state, None)) if work is saver else (lambda: renderer.begin(state))
            stall = timed(begin)
            beside = step()
            work.wait()
            step()
            whole = timed(lambda: (begin(), work.wait()))  # noqa: B023 (called here)
            if number:  # The first makes the buffers.
                for name, value in zip(names, (alone, beside, stall, whole), strict=True):
                    found[name].append(value)
    saver.close()
    renderer.close()
    medians = {name: round(statistics.median(values), 4) for name, values in found.items()}
    size = sum(path.stat().st_size for path in run.checkpoints.rglob("*.safetensors")) // len(
        list(run.checkpoints.glob("step-*"))
    )
    return {
        "config": options.config,
        "device": options.device,
        "checkpoint_bytes": size,
        "seconds": medians,
        "checkpoint_whole_to_stall": round(medians["checkpoint_whole"] / medians["checkpoint_stall"], 1),
        "render_whole_to_stall": round(medians["render_whole"] / medians["render_stall"], 1),
    }


def fill_moments(state: TrainingState, audio: torch.Tensor) -> None:
    """One update of each network, so that both optimisers have their moments."""
    update(state, audio)
    state.begin_adversarial()
    update(state, audio)
    state.phase_2_step = None
    state.enter_training()


def renderer_of(run: RunFolder, state: TrainingState, root: Path, seconds: float) -> Renderer:
    """A renderer of three clips of noise."""
    import soundfile

    source = root / "audio"
    source.mkdir()
    noise = np.random.default_rng(1)
    for number in range(4):
        soundfile.write(source / f"{number}.wav", noise.normal(0, 0.1, int(44100 * (seconds + 1))), 44100)
    prepare(root / "data", [source], DataSettings(validation_fraction=0.5), lambda _done, _note: None)
    dataset = Dataset(root / "data")
    return Renderer(run, state, dataset, validation_clips(dataset, 3, seconds), lambda *_, **__: None)


def timed(do: Callable[[], object]) -> float:
    """Seconds, the device's work included."""
    began = time.perf_counter()
    do()
    if torch.cuda.is_initialized():
        torch.cuda.current_stream().synchronize()
    return time.perf_counter() - began


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", default="v1", choices=sorted(PRESETS))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--crop", type=int, default=65536)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=None, help="a folder on the disk that is meant")
    main(parser.parse_args())
