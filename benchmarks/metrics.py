"""FAD and KID against the ways that the field's tools compute them, in interleaved rounds of one process.

The peers are re-expressed in numpy and scipy, so that nothing but the method differs: FAD with scipy's matrix square
root of the product of covariances (pytorch-fid, clean-fid), KID as the mean of 100 random subsets of 1000 windows
(torch-fidelity, clean-fid), here with our kernel and in float32 like ours. Prints one JSON document; a ratio above 1
means that ours is faster, and the spread of the subset estimate shows what exactness saves.

    python benchmarks/metrics.py [--rounds 5]
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from ravetui.metrics.cosine import unit_rows
from ravetui.metrics.fad import fad
from ravetui.metrics.kid import kid

SHAPES = ((4000, 64), (2000, 512))
SUBSETS, SUBSET = 100, 1000

Floats = NDArray[np.float64]


def embeddings(n: int, d: int) -> tuple[Floats, Floats]:
    """Two sets whose variance falls off over the dimensions, as that of real embeddings does, slightly apart."""
    random = np.random.default_rng(0)
    axes = np.linalg.qr(random.standard_normal((d, d)))[0] * np.exp(-np.arange(d) / (d / 6))[:, None]
    x, y = random.standard_normal((2, n, d)) @ axes + 0.2
    return x, y + 0.05 * random.standard_normal(d)


def sqrtm_fad(x: Floats, y: Floats) -> float:
    """FAD by scipy's matrix square root."""
    a, b = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root = linalg.sqrtm(a @ b)
    return float(((x.mean(axis=0) - y.mean(axis=0)) ** 2).sum() + np.trace(a) + np.trace(b) - 2 * np.trace(root.real))


def subset_kid(x: Floats, y: Floats) -> tuple[float, float]:
    """KID as the mean of random subsets, and its standard deviation from one seed to the next."""
    u, v = unit_rows(x).astype(np.float32), unit_rows(y).astype(np.float32)
    random = np.random.default_rng(2020)
    values = []
    for _ in range(SUBSETS):
        a, b = (z[random.choice(len(z), SUBSET, replace=False)] for z in (u, v))
        within = [
            (kernel.sum(dtype=np.float64) - np.trace(kernel, dtype=np.float64)) / (SUBSET * (SUBSET - 1))
            for kernel in (cubed(a, a), cubed(b, b))
        ]
        values.append(sum(within) - 2 * cubed(a, b).mean(dtype=np.float64))
    return float(np.mean(values)), float(np.std(values) / np.sqrt(SUBSETS))


def cubed(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """The kernel matrix (1 + cosine)³ of unit rows."""
    kernel = a @ b.T
    kernel += np.float32(1)
    kernel *= kernel * kernel
    return kernel


def seconds(compute: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    compute()
    return time.perf_counter() - start


def compare(ours: Callable[[], object], peer: Callable[[], object], rounds: int) -> dict[str, float]:
    """Medians of alternating calls, after one of each that does not count."""
    ours(), peer()
    times = [(seconds(ours), seconds(peer)) for _ in range(rounds)]
    return {
        "ours_s": round(statistics.median(mine for mine, _ in times), 5),
        "peer_s": round(statistics.median(theirs for _, theirs in times), 5),
        "ratio": round(statistics.median(theirs / mine for mine, theirs in times), 2),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    results = []
    for n, d in SHAPES:
        x, y = embeddings(n, d)
        subset, spread = subset_kid(x, y)
        results.append(
            {
                "n": n,
                "d": d,
                "fad_against_sqrtm": {
                    **compare(lambda x=x, y=y: fad(x, y), lambda x=x, y=y: sqrtm_fad(x, y), rounds),  # type: ignore[misc]
                    "ours": fad(x, y),
                    "peer": sqrtm_fad(x, y),
                },
                "kid_against_100_subsets_of_1000": {
                    **compare(lambda x=x, y=y: kid(x, y), lambda x=x, y=y: subset_kid(x, y), rounds),  # type: ignore[misc]
                    "ours": kid(x, y),
                    "peer": subset,
                    "peer_standard_error": spread,
                },
            }
        )
    print(json.dumps({"rounds": rounds, "results": results}, indent=2))


if __name__ == "__main__":
    main()
