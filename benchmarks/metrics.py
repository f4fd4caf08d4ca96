"""Distances and diversity against the field's own code and against the bare matrix products, in interleaved rounds.

Two sets of 10 000 windows of 512 dimensions, whose variance falls off as that of real embeddings does. The peers are
their published packages (``benchmarks/setup_metrics.sh``, ``metric_peers.py``). Prints one JSON document: a ratio
against a peer is above 1 where ours is faster; one against the bound is how many times the bare products it takes.

    python benchmarks/metrics.py --peers .venv-metrics [--rounds 3] [--n 10000] [--d 512]
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.compat import kid_compat
from ravetui.metrics.cosine import unit_rows
from ravetui.metrics.fad import fad
from ravetui.metrics.gram import TILE, stream
from ravetui.metrics.interval import BLOCKS
from ravetui.metrics.kad import gaussian_kernel, kad, median_distance
from ravetui.metrics.kernel_sums import KernelSums
from ravetui.metrics.kid import cubic, kid
from ravetui.metrics.neighbours import NeighbourSink
from ravetui.metrics.permutation import p_value
from ravetui.metrics.side import sides
from ravetui.metrics.vendi import vendi

Floats = NDArray[np.floating]


def embeddings(n: int, d: int) -> tuple[Floats, Floats]:
    """Two sets of unit vectors, float32, slightly apart."""
    random = np.random.default_rng(0)
    axes = np.linalg.qr(random.standard_normal((d, d)))[0] * np.exp(-np.arange(d) / (d / 6))[:, None]
    x, y = random.standard_normal((2, n, d)) @ axes + 0.2
    y += 0.02 * random.standard_normal(d)
    return unit_rows(x).astype(np.float32), unit_rows(y).astype(np.float32)


def products(x: Floats, y: Floats) -> None:
    """The bare products that everything over pairs needs: both triangles and the rectangle, tile by tile."""
    for a, b in ((x, x), (y, y), (x, y)):
        for row in range(0, len(a), TILE):
            for column in range(row if a is b else 0, len(b), TILE):
                a[row : row + TILE] @ b[column : column + TILE].T


def one_pass(x: Floats, y: Floats, *, permutations: bool = False) -> dict[str, float]:
    """KID, KAD, precision, recall, density, coverage and Vendi, exact, each cosine made once."""
    rows = np.arange(len(x)), np.arange(len(y))
    first, second = sides(x, y, *rows, BLOCKS)
    sums = KernelSums(first, second, cubic)
    gaussian = KernelSums(first, second, gaussian_kernel(median_distance(y)))
    near = NeighbourSink(first, second)
    stream(first, second, [sums, gaussian, near])
    seen = near.found()
    found = {
        "kid": sums.value(),
        "kad": gaussian.value(),
        "precision": float(seen.precise.mean()),
        "recall": float(seen.recalled.mean()),
        "density": float(seen.dense.mean()),
        "coverage": float(seen.covered.mean()),
        "vendi": vendi(x),
    }
    return {**found, "p": p_value(sums, 0)} if permutations else found


def neighbours(x: Floats, y: Floats) -> dict[str, float]:
    """Precision, recall, density and coverage alone."""
    first, second = sides(x, y, np.arange(len(x)), np.arange(len(y)), BLOCKS)
    near = NeighbourSink(first, second)
    stream(first, second, [near])
    seen = near.found()
    return {
        "precision": float(seen.precise.mean()),
        "recall": float(seen.recalled.mean()),
        "density": float(seen.dense.mean()),
        "coverage": float(seen.covered.mean()),
    }


def seconds(compute: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    compute()
    return time.perf_counter() - start


def rounds_of(contestants: dict[str, Callable[[], Any]], rounds: int) -> dict[str, Any]:
    """Values, median and least times of contestants that take turns; the first is ours."""
    values = {name: compute() for name, compute in contestants.items()}
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, compute in contestants.items():
            times[name].append(seconds(compute))
    mine = next(iter(contestants))
    return {
        name: {
            "value": values[name],
            "median_s": round(statistics.median(taken), 4),
            "least_s": round(min(taken), 4),
            "over_ours": round(statistics.median(b / a for a, b in zip(times[mine], taken, strict=True)), 2),
        }
        for name, taken in times.items()
    }


def peak_megabytes(n: int, d: int) -> float:
    """How much more memory a process has at its peak in one pass than before it, MB."""
    program = (
        "import resource, sys; sys.path.insert(0, 'benchmarks'); import metrics as m; "
        f"x, y = m.embeddings({n}, {d}); m.products(x[:2000], y[:2000]); before = m.peak(); "
        "m.one_pass(x, y, permutations=True); print(m.peak() - before)"
    )
    # A process of its own: another's peak would hide this one's. What drawing the sets takes counts as before.
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(answer.stdout)


def peak() -> float:
    """Peak of this process's resident memory so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def against_peers(x: Floats, y: Floats, venv: Path, rounds: int) -> dict[str, Any]:
    """Each of ours against each peer that has the same."""
    sys.path.insert(0, str(Path(__file__).parent))
    import metric_peers as peers

    peers.open_environment(venv)
    width = median_distance(y)
    x64, y64 = x.astype(np.float64), y.astype(np.float64)
    double = x64[:2000], y64[:2000]

    def turns(name: str, ours: Callable[[], Any], theirs: dict[str, Callable[[], Any]]) -> dict[str, Any]:
        print(f"{name} …", file=sys.stderr)
        return rounds_of({"ours": ours, **theirs}, rounds)

    def bound(peer: Callable[[Floats, Floats], Any], *sets: Floats) -> Callable[[], Any]:
        return lambda: peer(*sets)

    fad_peers, kid_peers = peers.fad_peers(), peers.kid_peers()
    return {
        "fad": turns("fad", lambda: fad(x, y), {name: bound(peer, x, y) for name, peer in fad_peers.items()}),
        "fad_float64": turns(
            "fad_float64", lambda: fad(x64, y64), {name: bound(peer, x64, y64) for name, peer in fad_peers.items()}
        ),
        "fad_float64_2000": turns(
            "fad_float64_2000", lambda: fad(*double), {name: bound(peer, *double) for name, peer in fad_peers.items()}
        ),
        "kid": turns("kid", lambda: kid(x, y), {name: bound(peer, x, y) for name, peer in kid_peers.items()}),
        "kid_compat": turns(
            "kid_compat",
            lambda: kid_compat(x, y).mean,
            {"torch-fidelity": bound(kid_peers["torch-fidelity"], x, y)},
        ),
        "kid_compat_float64": rounds_of(
            {
                "ours": lambda: kid_compat(*double).mean,
                "torch-fidelity": bound(kid_peers["torch-fidelity"], *double),
            },
            1,
        ),
        "kad_2000": turns("kad", lambda: kad(*double, width), {"kadtk": lambda: peers.kadtk(*double, width) / 100}),
        "prdc_5000": turns(
            "prdc", lambda: neighbours(x[:5000], y[:5000]), {"prdc": lambda: peers.prdc(x[:5000], y[:5000])}
        ),
        "vendi": turns("vendi", lambda: vendi(x), {"vendi-score": lambda: peers.vendi(x64)}),
    }


def against_bound(x: Floats, y: Floats, rounds: int) -> dict[str, Any]:
    """Each of ours against the bare products, which come first."""
    width = median_distance(y)
    contestants: dict[str, Callable[[], Any]] = {
        "products": lambda: products(x, y),
        "kid": lambda: kid(x, y),
        "kad": lambda: kad(x, y, width),
        "prdc": lambda: neighbours(x, y),
        "one_pass": lambda: one_pass(x, y),
        "one_pass_with_500_permutations": lambda: one_pass(x, y, permutations=True),
    }
    found = rounds_of(contestants, rounds)
    square = rounds_of({"products": lambda: float(np.trace(x.T @ x)), "vendi": lambda: vendi(x)}, rounds)
    return {**found, "covariance": square["products"], "vendi": square["vendi"]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--peers", type=Path, help="virtual environment of the peers; without it, only the bound")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--n", type=int, default=10000)
    parser.add_argument("--d", type=int, default=512)
    options = parser.parse_args()
    x, y = embeddings(options.n, options.d)
    document = {
        "n": options.n,
        "d": options.d,
        "rounds": options.rounds,
        "load": os.getloadavg()[0],
        "one_pass_memory_mb": peak_megabytes(options.n, options.d),
        "against_products": against_bound(x, y, options.rounds),
    }
    if options.peers:
        document["against_peers"] = against_peers(x, y, options.peers, options.rounds)
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main()
