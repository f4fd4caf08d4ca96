"""The network and its losses give acids-rave 2.3.1's numbers, from its weights (see fixtures/README.md)."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from ravetui.engine.model.discriminator import Discriminator
from ravetui.engine.model.losses import MultiScaleSpectralDistance
from ravetui.engine.model.rave import RAVE
from ravetui.runs.spec import LossSpec, ModelSpec
from tests.reference.acids_rave_weights import discriminator_weights, rave_weights

SPEC = ModelSpec(capacity=4, discriminator_capacity=4)
Arrays = dict[str, npt.NDArray[np.float64]]


@pytest.fixture(scope="module")
def oracle() -> Arrays:
    with np.load(Path(__file__).parent / "fixtures" / "acids_rave_v1.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def weights(oracle: Arrays) -> dict[str, Tensor]:
    prefix = "weights/"
    return {name.removeprefix(prefix): torch.from_numpy(a) for name, a in oracle.items() if name.startswith(prefix)}


@pytest.fixture(scope="module")
def x(oracle: Arrays) -> Tensor:
    return torch.from_numpy(oracle["x"])


@pytest.fixture(scope="module")
def model(weights: dict[str, Tensor]) -> RAVE:
    rave = RAVE(SPEC)
    rave.load_state_dict(rave_weights(weights))
    return rave.eval()


@pytest.fixture(autouse=True)
def _no_graph() -> Iterator[None]:
    with torch.no_grad():
        yield


def assert_matches(ours: Tensor, theirs: npt.NDArray[np.float64]) -> None:
    """Within 1e-5 of the largest value: what single precision loses on the way through forty convolutions."""
    assert ours.shape == theirs.shape
    assert np.abs(ours.numpy() - theirs).max() <= 1e-5 * np.abs(theirs).max()


def ends(a: Tensor) -> Tensor:
    eighth = a.shape[-1] // 8
    return torch.cat([a[..., :eighth], a[..., -eighth:]], dim=-1)


def test_analysis_bands(oracle: Arrays, model: RAVE, x: Tensor) -> None:
    assert_matches(ends(model.pqmf.analysis(x)), oracle["pqmf_ends"])


def test_posterior(oracle: Arrays, model: RAVE, x: Tensor) -> None:
    posterior = model.encode(x)
    assert_matches(posterior.mean, oracle["z_mean"])
    assert_matches(posterior.scale, np.log1p(np.exp(oracle["z_scale"])) + 1e-4)
    assert posterior.kl().item() == pytest.approx(float(oracle["kl"]), rel=1e-5)


def test_decoded_bands_and_audio(oracle: Arrays, model: RAVE) -> None:
    z = torch.from_numpy(oracle["z_mean"])
    assert_matches(ends(model.decode_bands(z, noise=False)), oracle["y_bands_ends"])
    assert_matches(ends(model.decode(z, noise=False)), oracle["y_ends"])


def test_reconstruction_goes_through_the_mean(oracle: Arrays, model: RAVE, x: Tensor) -> None:
    assert_matches(ends(model(x, noise=False)), oracle["y_ends"])


def test_spectral_distances(oracle: Arrays, model: RAVE, x: Tensor) -> None:
    loss = LossSpec()
    distance = MultiScaleSpectralDistance(loss.stft_scales, loss.log_epsilon)
    bands = model.pqmf.analysis(x)
    y_bands = model.decode_bands(model.encode(x).mean, noise=False)
    assert distance(bands, y_bands).item() == pytest.approx(float(oracle["multiband"]), rel=1e-5)
    assert distance(x, model.pqmf.synthesis(y_bands)).item() == pytest.approx(float(oracle["fullband"]), rel=1e-5)


def test_discriminator_scores(oracle: Arrays, weights: dict[str, Tensor], x: Tensor) -> None:
    discriminator = Discriminator(SPEC)
    discriminator.load_state_dict(discriminator_weights(weights))
    scores = torch.stack([features[-1].mean() for features in discriminator(x)])
    assert_matches(scores, oracle["disc_scores"])
