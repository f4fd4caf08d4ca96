"""Our CLAP embedder against laion-clap's own network, in interleaved processes with the same random weights.

The peer is the network in the wheel laion-clap 1.1.7, used as its ``get_audio_embedding_from_filelist`` uses it: all
clips in one batch, gradients recorded. Its import is left out (it needs the network and takes minutes), and its front
end runs by FFT instead of by convolution: both are in its favour. Each process embeds one clip, which does not count,
then all of them. A speed ratio above 1 means that ours is faster, a memory ratio below 1 that it takes less.

    python benchmarks/clap.py [--clips 8] [--rounds 3]
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
THREADS = 2


def clips(count: int) -> NDArray[np.float32]:
    """Ten seconds of noise at 48 kHz each, (count, 480000)."""
    return np.random.default_rng(0).uniform(-0.5, 0.5, (count, 480_000)).astype(np.float32)


def ours(count: int) -> dict[str, float]:
    """Seconds a clip, seconds to be ready, and the process's peak memory."""
    start = time.perf_counter()
    from ravetui.metrics.clap.embedder import ClapEmbedder

    embedder = ClapEmbedder()
    windows = clips(count)
    embedder.embed(windows[:1])
    ready = time.perf_counter()
    embedder.embed(windows)
    return measured(start, ready, count)


def peer(count: int, checkpoint: Path) -> dict[str, float]:
    """The same of laion-clap's network."""
    start = time.perf_counter()
    import torch

    from tests.laion import LaionClap

    network = LaionClap().eval()
    state = torch.load(checkpoint, weights_only=False)["state_dict"]
    wanted = network.state_dict()
    network.load_state_dict({name: state[f"module.{name}"] for name in wanted}, assign=True)
    del state, wanted
    windows = clips(count)
    network(torch.from_numpy(windows[:1])).detach().numpy()
    ready = time.perf_counter()
    network(torch.from_numpy(windows)).detach().numpy()
    return measured(start, ready, count)


def measured(start: float, ready: float, count: int) -> dict[str, float]:
    """What one process reports."""
    return {
        "ready_s": ready - start,
        "clip_s": (time.perf_counter() - ready) / count,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }


def run(role: str, count: int, folder: Path) -> dict[str, float]:
    """One process."""
    environment = {
        **os.environ,
        "XDG_CACHE_HOME": str(folder),
        "OMP_NUM_THREADS": str(THREADS),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, __file__, "--role", role, "--clips", str(count), "--folder", str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def prepare(folder: Path) -> None:
    """A checkpoint of random weights in LAION's layout, and ours made from it."""
    import torch

    from ravetui.metrics.clap.convert import convert
    from tests.laion import official_layout, random_laion_clap

    torch.save(official_layout(random_laion_clap(0)), folder / "random.pt")
    convert(folder / "random.pt")


def compare(count: int, rounds: int) -> dict[str, object]:
    """Medians of interleaved rounds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run("prepare", count, folder)
        pairs = [(run("ours", count, folder), run("peer", count, folder)) for _ in range(rounds)]
    medians = {
        who: {key: round(statistics.median(pair[k][key] for pair in pairs), 3) for key in pairs[0][k]}
        for k, who in enumerate(("ours", "peer"))
    }
    return {
        "clips": count,
        "rounds": rounds,
        **medians,
        "speed_ratio": round(statistics.median(b["clip_s"] / a["clip_s"] for a, b in pairs), 3),
        "memory_ratio": round(statistics.median(a["peak_mb"] / b["peak_mb"] for a, b in pairs), 3),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--clips", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--role", choices=("ours", "peer", "prepare"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role == "prepare":
        prepare(options.folder)
        print("{}")
    elif options.role:
        found = ours(options.clips) if options.role == "ours" else peer(options.clips, options.folder / "random.pt")
        print(json.dumps(found))
    else:
        print(json.dumps(compare(options.clips, options.rounds), indent=2))


if __name__ == "__main__":
    main()
