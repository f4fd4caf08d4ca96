"""Scoring again what was scored, against the start of a process, in interleaved processes.

Three things are timed as the person waits for them, each a process of its own: the same score once more (``stored``),
other numbers of what was embedded (``cached``: ``--compat``, and ``train``: against the training audio, both made anew
from the cache each time), and, as the bound,
an interpreter that imports numpy and click and ends (``start``). The claim: ``stored`` takes at most 0.3 s, and neither
imports torch. Other work on the machine disturbs all three alike, so the ratios count.

    python benchmarks/score.py [--rounds 7] [--clips 30]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RAVETUI = [sys.executable, "-c", "from ravetui.cli import main; main()"]
TORCH = (
    "import sys; from ravetui.cli import main\ntry:\n main()\nexcept SystemExit:\n pass\nprint('torch' in sys.modules)"
)


def prepare(root: Path, clips: int) -> None:
    """A workspace with a run of two seconds and so many clips of four seconds to be scored."""
    from ravetui.config import DataSettings
    from ravetui.engine.data.prepare import prepare as prepare_data
    from ravetui.engine.launch.start import start_run
    from ravetui.engine.launch.stop import wait_for
    from ravetui.runs.workspace import make_workspace
    from tests.workspaces import small_run, write_tones

    workspace = make_workspace(root)
    write_tones(root / "audio", files=2 * clips, seconds=5.0)
    settings = DataSettings(validation_fraction=0.5, join_seconds=2.0)
    prepare_data(workspace.dataset_path("tones"), [root / "audio"], settings, lambda _done, _note: None)
    run = small_run(workspace, "one")
    start_run(run)
    wait_for(run, lambda state: not state.is_live, 300)


def seconds(argv: list[str]) -> float:
    """Of a process, from its start to its end."""
    return spent(argv)[0]


def spent(argv: list[str]) -> tuple[float, float]:
    """Wall time and processor time of a process, seconds."""
    began = time.perf_counter()
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{argv} failed.")
    return time.perf_counter() - began, usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--clips", type=int, default=30)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory(prefix="ravetui-score-") as folder:
        root = Path(folder) / "ws"
        os.environ["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
        # An installed program has its bytecode beside it; one that may not write any compiles all of itself each time.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "bytecode")
        prepare(root, options.clips)
        words = ["score", "one", "-w", str(root), "--embedder", "mel", "--json"]
        first = seconds([*RAVETUI, *words])
        scores = root / "runs" / "one" / "scores"
        kept = next(scores.glob("step-*.json"))
        stored, cached, start, other, work = [], [], [], [], []
        for _ in range(options.rounds):
            start.append(seconds([sys.executable, "-c", "import numpy, click"]))
            wall, processor = spent([*RAVETUI, *words])
            stored.append(wall)
            work.append(processor)
            cached.append(seconds([*RAVETUI, *words, "--compat"]))
            other.append(seconds([*RAVETUI, *words, "--reference", "train"]))
            for path in scores.glob("step-*.json"):
                if path != kept:
                    path.unlink()
        torch = [
            subprocess.run([sys.executable, "-c", TORCH, *words, *more], capture_output=True, text=True, check=True)
            .stdout.strip().endswith("True")
            for more in ([], ["--compat"])
        ]  # fmt: skip
    times = {"start": start, "stored": stored, "stored_cpu": work, "cached": cached, "train": other}
    found = {name: statistics.median(taken) for name, taken in times.items()}
    print(
        json.dumps(
            {
                "clips": options.clips,
                "first_s": round(first, 2),
                **{f"{name}_s": round(value, 3) for name, value in found.items()},
                "fastest_stored_s": round(min(stored), 3),
                "fastest_cached_s": round(min(cached), 3),
                "stored_over_start": round(found["stored"] / found["start"], 2),
                "cached_over_start": round(found["cached"] / found["start"], 2),
                "torch_imported": any(torch),
            }
        )
    )


if __name__ == "__main__":
    main()
