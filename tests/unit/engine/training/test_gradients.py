"""What makes a step fast changes no gradient: each equals that of the plain form, written out here."""

import copy
import dataclasses

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from ravetui.engine.presets import find_preset
from ravetui.engine.training.precision import Computing, compute_with, has_bf16
from ravetui.engine.training.state import TrainingState, build_state
from ravetui.engine.training.update import update
from ravetui.runs.spec import DataRef, RunSpec

KINDS = ["v1", "v2+noise", "v3"]
SMALL = {"capacity": 4, "latent_size": 4, "discriminator_capacity": 4}
SMALL_V2 = {"ratios": (2, 2), "dilations": ((1, 3), (1,)), "noise_width": 4, "discriminator_periods": (2, 5)}
CPU = torch.device("cpu")

Gradients = dict[str, Tensor]


def make_state(
    preset: str, precision: str = "fp32", dtype: torch.dtype = torch.float32, log_epsilon: float = 1e-7
) -> TrainingState:
    found = find_preset(preset)
    changes = SMALL | (SMALL_V2 if found.model.architecture == "v2" else {})
    if found.model.discriminator == "descript":
        changes |= {"discriminator_n_ffts": (128,)}
    model = dataclasses.replace(found.model, **changes)  # type: ignore[arg-type]
    loss = dataclasses.replace(found.loss, stft_scales=(512, 128), log_epsilon=log_epsilon)
    data = DataRef("none", "", "", 1)
    state = build_state(RunSpec("g", "g", "", preset, model, loss, found.training, data), CPU)
    compute_with(state, Computing(precision, compiled=False))
    for network in (state.rave, state.discriminator, state.distance):
        network.to(dtype)
    return state


def audio(dtype: torch.dtype = torch.float32, crops: int = 2) -> Tensor:
    """Crops (crops, 1, 8192) of decaying tones with a little noise."""
    time = torch.arange(8192, dtype=torch.float64) / 44100
    tones = torch.stack([torch.sin(2 * torch.pi * pitch * time) for pitch in torch.linspace(220.0, 3100.0, crops)])
    noise = torch.randn(crops, 1, 8192, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return ((0.3 * tones * torch.exp(-8 * time))[:, None] + 0.02 * noise).to(dtype)


def at(state: TrainingState, part: str) -> TrainingState:
    """The state where its next update is of phase 1, the discriminator or the generator."""
    state.phase_2_step = {"phase 1": None, "discriminator": state.step, "generator": state.step - 1}[part]
    state.enter_training()
    return state


def gradients_of_update(state: TrainingState, part: str, x: Tensor) -> Gradients:
    """What an update leaves in its parameters, as the optimiser saw it."""
    update(at(state, part), x)
    return _gradients(state, part)


def plain_gradients(state: TrainingState, part: str, x: Tensor) -> Gradients:
    """The same written down as it is published: one pass after another, everything with a graph."""
    state = at(state, part)
    for parameter in (*state.rave.parameters(), *state.discriminator.parameters()):
        parameter.grad = None
    state.seed_step(state.step + 1)
    spec, rave = state.spec.loss, state.rave
    if part != "phase 1":
        rave.encoder.requires_grad_(False)
    posterior = rave.encode(x)
    bands = rave.decode_bands(posterior.sample(), noise=state.with_noise)
    made = rave.pqmf.synthesis(bands)
    before, after = state.margins
    valid = slice(before, bands.shape[-1] - after)
    target_bands = rave.pqmf.analysis(x)[..., valid]
    spectral = plain_distance(state, x, made) + plain_distance(state, target_bands, bands[..., valid])
    real, fake = state.discriminator(x), state.discriminator(made)
    if part == "phase 1":
        loss = spec.spectral * spectral + state.beta(state.step + 1) * posterior.divergence()
    elif part == "discriminator":
        loss = torch.zeros((), dtype=x.dtype)
        for ours, theirs in zip(real, fake, strict=True):
            loss = loss + F.relu(1 - ours[-1]).mean() + F.relu(1 + theirs[-1]).mean()
    else:
        loss = spec.spectral * spectral + spec.feature_matching * plain_matching(state, real, fake)
        for scale in fake:
            loss = loss - spec.adversarial * scale[-1].mean()
    loss.backward()  # type: ignore[no-untyped-call]
    rave.encoder.requires_grad_(True)
    return _gradients(state, part)


def plain_distance(state: TrainingState, target: Tensor, made: Tensor) -> Tensor:
    """Of signals (batch, channels, samples), by torch.stft and autograd."""
    total = torch.zeros((), dtype=made.dtype)
    for n_fft in state.spec.loss.stft_scales:
        window = torch.hann_window(n_fft).to(made.dtype)
        x, y = (
            torch.stft(signal.flatten(0, 1), n_fft, n_fft // 4, window=window, return_complex=True).abs()
            for signal in (target, made)
        )
        first, second = (torch.log(part + state.spec.loss.log_epsilon) for part in (x, y))
        total = total + (x - y).square().mean() / x.square().mean() + (first - second).abs().mean()
    return total


def plain_matching(state: TrainingState, real: list[list[Tensor]], fake: list[list[Tensor]]) -> Tensor:
    scales = []
    for ours, theirs in zip(real, fake, strict=True):
        layers = []
        for x, y in list(zip(ours, theirs, strict=True))[state.spec.loss.feature_matching_skipped :]:
            scale = x.detach().abs().mean() if state.spec.loss.feature_matching_relative else 1.0
            layers.append((x.detach() - y).abs().mean() / scale)
        scales.append(sum(layers) / len(layers))
    return torch.as_tensor(sum(scales) / len(scales))


def _gradients(state: TrainingState, part: str) -> Gradients:
    network = state.discriminator if part == "discriminator" else state.rave
    return {
        name: parameter.grad.clone() for name, parameter in network.named_parameters() if parameter.grad is not None
    }


PARTS = ["phase 1", "discriminator", "generator"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("preset", KINDS)
def test_an_updates_gradients_are_those_of_the_plain_form(preset: str, part: str) -> None:
    state = make_state(preset, dtype=torch.float64)
    x = audio(torch.float64)
    expected = plain_gradients(copy.deepcopy(state), part, x)
    found = gradients_of_update(state, part, x)
    assert found.keys() == expected.keys()
    assert len(found) > 10
    # A bias that real and generated audio pull in opposite directions has a gradient of rounding errors alone.
    rounding = 1e-9 * torch.nn.utils.get_total_norm(expected.values())
    for name, gradient in expected.items():
        assert (found[name] - gradient).norm() <= 1e-5 * gradient.norm() + rounding, name


@pytest.mark.skipif(not has_bf16(CPU), reason="this processor does not compute in bf16")
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("preset", KINDS)
def test_gradients_in_bf16_point_the_same_way(preset: str, part: str) -> None:
    """With the log epsilon of the discrete preset: that of the others weighs bins near silence without bound, so that
    the gradient of small untrained networks turns with the last bits of any precision; and with a batch of the
    published size, over which rounding averages out."""
    exact, half = (
        gradients_of_update(make_state(preset, precision, log_epsilon=1.0), part, audio(crops=8))
        for precision in ("fp32", "bf16")
    )
    assert exact.keys() == half.keys()
    assert all(gradient.dtype == torch.float32 for gradient in half.values()), "weights stay single"
    assert all(bool(gradient.isfinite().all()) for gradient in half.values())
    first, second = (torch.cat([gradients[name].flatten() for name in exact]) for gradients in (exact, half))
    assert not torch.equal(first, second), "it was computed in another precision"
    assert F.cosine_similarity(first, second, dim=0) > 0.99


def test_what_is_not_trained_gets_no_gradient() -> None:
    state = make_state("v1")
    update(at(state, "generator"), audio())
    assert all(parameter.grad is None for parameter in state.discriminator.parameters())
    assert all(parameter.grad is None for parameter in state.rave.encoder.parameters())
    assert all(parameter.requires_grad for parameter in state.discriminator.parameters())
    update(at(state, "discriminator"), audio())
    assert all(parameter.grad is not None for parameter in state.discriminator.parameters())
    assert all(parameter.grad is None for parameter in state.rave.encoder.parameters())
