"""The field's own functions for distances and diversity, for ``benchmarks/metrics.py``.

They come from the peers' packages as published (``benchmarks/setup_metrics.sh``). What those import for images,
downloads and progress bars is stubbed; no number passes through it. fadtk cannot be imported beside a torch for CPUs:
its formula is repeated here.
"""

import importlib
import sys
from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, cast
from unittest.mock import MagicMock

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import linalg

Floats = NDArray[np.floating]
Peer = Callable[[Floats, Floats], Any]

STUBS = ("torchvision", "PIL", "requests", "hypy_utils", "kadtk.emb_loader", "kadtk.model_loader")


class _Stub(MetaPathFinder, Loader):
    """Lets everything in these packages be imported, and be nothing."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        stubbed = any(name == package or name.startswith(f"{package}.") for package in STUBS)
        return ModuleSpec(name, self, is_package=True) if stubbed else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return cast(ModuleType, MagicMock(__version__="0", __path__=[], __spec__=spec))

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to do."""


def open_environment(venv: Path) -> None:
    """Make the peers importable."""
    found = sorted(venv.glob("lib/python3*/site-packages"))
    if not found:
        raise SystemExit(f"{venv} is no virtual environment: run benchmarks/setup_metrics.sh {venv} first.")
    sys.path.append(str(found[0]))
    sys.meta_path.insert(0, _Stub())


def fad_peers() -> dict[str, Peer]:
    """Fréchet distance of two sets of embeddings, end to end."""
    fidelity = importlib.import_module("torch_fidelity.metric_fid")
    cleanfid = importlib.import_module("cleanfid.fid")
    torchmetrics = importlib.import_module("torchmetrics.image.fid")

    def torch_fidelity(x: Floats, y: Floats) -> float:
        both = [fidelity.fid_features_to_statistics(torch.from_numpy(z)) for z in (x, y)]
        return float(fidelity.fid_statistics_to_metric(*both, False)["frechet_inception_distance"])

    def streamed(x: Floats, y: Floats) -> float:
        metric = torchmetrics.FrechetInceptionDistance(feature=_Same(x.shape[1]), input_img_size=(x.shape[1],))
        for z, real in ((x, True), (y, False)):
            metric.update(torch.from_numpy(z), real=real)
        return float(metric.compute())

    def clean_fid(x: Floats, y: Floats) -> float:
        return float(cleanfid.fid_from_feats(x, y))

    return {"torch-fidelity": torch_fidelity, "torchmetrics": streamed, "clean-fid": clean_fid, "fadtk": fadtk}


def fadtk(x: Floats, y: Floats) -> float:
    """fadtk's formula: scipy's root for its warning, and the root from eigenvectors for the value."""
    a, b = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    linalg.sqrtm(a @ b)
    values, vectors = linalg.eig(a @ b)
    root = (vectors * np.emath.sqrt(values)) @ linalg.inv(vectors)
    shift = x.mean(axis=0) - y.mean(axis=0)
    return float(shift @ shift + np.trace(a) + np.trace(b) - 2 * np.trace(root).real)


def kid_peers() -> dict[str, Peer]:
    """Kernel distance over 100 subsets of 1000."""
    fidelity = importlib.import_module("torch_fidelity.metric_kid")
    cleanfid = importlib.import_module("cleanfid.fid")
    torchmetrics = importlib.import_module("torchmetrics.image.kid")

    def torch_fidelity(x: Floats, y: Floats) -> float:
        found = fidelity.kid_features_to_metric(torch.from_numpy(x), torch.from_numpy(y), verbose=False)
        return float(found["kernel_inception_distance_mean"])

    def streamed(x: Floats, y: Floats) -> float:
        metric = torchmetrics.KernelInceptionDistance(feature=_Same(x.shape[1]))
        for z, real in ((x, True), (y, False)):
            metric.update(torch.from_numpy(z), real=real)
        return float(metric.compute()[0])

    def clean_fid(x: Floats, y: Floats) -> float:
        return float(cleanfid.kernel_distance(x, y))

    return {"torch-fidelity": torch_fidelity, "torchmetrics": streamed, "clean-fid": clean_fid}


def kadtk(x: Floats, y: Floats, bandwidth: float) -> float:
    """kadtk's kernel audio distance at a bandwidth that is given."""
    kad = importlib.import_module("kadtk.kad")
    tensors = torch.from_numpy(x), torch.from_numpy(y)
    return float(kad.calc_kernel_audio_distance(*tensors, (None, None), "cpu", bandwidth=bandwidth))


def prdc(x: Floats, y: Floats) -> dict[str, float]:
    """Precision, recall, density and coverage of `x` against the real `y`, k = 5."""
    found: dict[str, float] = importlib.import_module("prdc").compute_prdc(y, x, 5)
    return found


def vendi(x: Floats) -> float:
    """Vendi score by the smaller of the two matrices."""
    return float(importlib.import_module("vendi_score.vendi").score_dual(x, normalize=True))


class _Same(torch.nn.Module):
    """A feature extractor for what already is features."""

    def __init__(self, dimensions: int) -> None:
        super().__init__()
        self.num_features = dimensions

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(len(x), -1) if x.shape[-1] == self.num_features else torch.zeros(len(x), self.num_features)
