"""The network and its losses give acids-rave 2.3.1's numbers, from its weights (see fixtures/README.md)."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from ravetui.engine.foreign.acids_rave import discriminator_weights, rave_weights
from ravetui.engine.model.discriminator import Discriminator
from ravetui.engine.model.latent import Posterior
from ravetui.engine.model.losses import MultiScaleSpectralDistance
from ravetui.engine.model.rave import RAVE
from ravetui.engine.model.receptive_field import receptive_field
from ravetui.engine.presets import find_preset
from ravetui.errors import CheckpointError
from ravetui.runs.model_spec import ModelSpec
from ravetui.runs.training_spec import LossSpec

SPECS = {
    name: dataclasses.replace(find_preset(name).model, capacity=4, discriminator_capacity=4) for name in ("v1", "v2")
}
FIXTURES = Path(__file__).parent / "fixtures"
Arrays = dict[str, npt.NDArray[np.float64]]


def read(name: str) -> Arrays:
    with np.load(FIXTURES / f"acids_rave_{name}.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def audio() -> Arrays:
    """Input and its bands, the same for every network."""
    return {name: array for name, array in read("v1").items() if name in ("x", "pqmf_ends")}


@pytest.fixture(scope="module")
def x(audio: Arrays) -> Tensor:
    return torch.from_numpy(audio["x"])


@pytest.fixture(scope="module", params=list(SPECS))
def spec(request: pytest.FixtureRequest) -> ModelSpec:
    return SPECS[request.param]


@pytest.fixture(scope="module")
def oracle(spec: ModelSpec) -> Arrays:
    return read(spec.architecture)


@pytest.fixture(scope="module")
def weights(oracle: Arrays) -> dict[str, Tensor]:
    prefix = "weights/"
    return {name.removeprefix(prefix): torch.from_numpy(a) for name, a in oracle.items() if name.startswith(prefix)}


@pytest.fixture(scope="module")
def model(spec: ModelSpec, weights: dict[str, Tensor]) -> RAVE:
    rave = RAVE(spec)
    rave.load_state_dict(rave_weights(spec, weights))
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


def test_analysis_bands(audio: Arrays, model: RAVE, x: Tensor) -> None:
    assert_matches(ends(model.pqmf.analysis(x)), audio["pqmf_ends"])


def test_posterior(oracle: Arrays, model: RAVE, x: Tensor) -> None:
    posterior = model.encode(x)
    assert isinstance(posterior, Posterior)
    assert_matches(posterior.mean, oracle["z_mean"])
    assert_matches(posterior.scale, np.log1p(np.exp(oracle["z_scale"])) + 1e-4)
    assert posterior.divergence().item() == pytest.approx(float(oracle["kl"]), rel=1e-5)


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


def test_discriminator_scores(spec: ModelSpec, oracle: Arrays, weights: dict[str, Tensor], x: Tensor) -> None:
    discriminator = Discriminator(spec)
    discriminator.load_state_dict(discriminator_weights(spec, weights))
    scores = torch.stack([features[-1].mean() for features in discriminator(x)])
    assert_matches(scores, oracle["disc_scores"])


def test_receptive_field_that_it_measured() -> None:
    assert receptive_field(SPECS["v2"]) == tuple(read("v2")["receptive_field"].tolist())


def test_every_tensor_of_its_second_phase_has_a_place_or_is_none_of_ours(spec: ModelSpec) -> None:
    """Discriminator and noise branch included; zeros of the shapes that its checkpoint of phase 2 has."""
    shapes = json.loads((FIXTURES / "acids_rave_phase_2.json").read_text())[spec.architecture]
    theirs = {name: torch.full(shape, float(number)) for number, (name, shape) in enumerate(shapes.items())}
    ours = rave_weights(spec, theirs), discriminator_weights(spec, theirs)
    RAVE(spec).load_state_dict(ours[0])
    Discriminator(spec).load_state_dict(ours[1])
    used = [int(tensor.flatten()[0]) for tensors in ours for tensor in tensors.values()]
    assert len(set(used)) == len(used), "each is taken once"
    left = [name for number, name in enumerate(theirs) if number not in used]
    computed = ("pqmf.", "audio_distance.", "multiband_audio_distance.", "decoder.synth.branches.2.target_size")
    analysis = ("latent_pca", "latent_mean", "fidelity", "receptive_field")
    flags = ("encoder.warmed_up", "decoder.warmed_up")
    assert all(name.startswith((*computed, *analysis, *flags)) for name in left), left


def test_weights_of_another_network_are_refused(spec: ModelSpec, weights: dict[str, Tensor]) -> None:
    other = SPECS["v2" if spec.architecture == "v1" else "v1"]
    for mapping in (rave_weights, discriminator_weights):
        with pytest.raises(CheckpointError, match="it is another model"):
            mapping(other, weights)
