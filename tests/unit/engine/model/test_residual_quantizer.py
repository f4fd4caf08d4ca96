"""A latent of code vectors: what it is a sum of, and how its codebooks follow the encoder."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor

from ravetui.engine.model.rave import RAVE
from ravetui.engine.model.residual_quantizer import DEAD, DECAY, Quantised, ResidualQuantizer
from ravetui.engine.presets import find_preset
from ravetui.engine.training.ranks import Ranks
from ravetui.runs.model_spec import ModelSpec
from tests.ranks import together

SHAPES = st.tuples(st.integers(1, 4), st.integers(2, 9), st.integers(1, 5), st.integers(1, 3), st.integers(1, 6))
"""Quantisers, codebook size, latent size, batch, frames."""


def quantizer(quantizers: int = 3, size: int = 8, latent: int = 4, *, seed: int = 0) -> ResidualQuantizer:
    """One whose codebooks are somewhere."""
    made = ResidualQuantizer(ModelSpec(latent_size=latent, quantizers=quantizers, codebook_size=size))
    generator = torch.Generator().manual_seed(seed)
    made.usage.copy_(0.5 + torch.rand(made.usage.shape, generator=generator))
    made.sums.copy_(torch.randn(made.sums.shape, generator=generator) * made.usage[..., None])
    made.placed.fill_(True)
    return made


def output(batch: int = 2, latent: int = 4, frames: int = 16, *, seed: int = 1) -> Tensor:
    return torch.randn(batch, latent, frames, generator=torch.Generator().manual_seed(seed))


def state(made: ResidualQuantizer) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in made.state_dict().items()}


@settings(deadline=None)
@given(shape=SHAPES, seed=st.integers(0, 1000))
def test_what_comes_out_is_the_sum_of_the_chosen_codes(shape: tuple[int, int, int, int, int], seed: int) -> None:
    quantizers, size, latent, batch, frames = shape
    made = quantizer(quantizers, size, latent, seed=seed).eval()
    found = made(output(batch, latent, frames, seed=seed))
    assert found.codes.shape == (batch, quantizers, frames)
    sums = torch.zeros(batch, frames, latent)
    for number, codebook in enumerate(made.codebooks):
        sums = sums + codebook[found.codes[:, number]]
    assert torch.equal(found.mean, sums.transpose(1, 2))
    assert torch.equal(found.sample(), found.mean)


@settings(deadline=None)
@given(shape=SHAPES, seed=st.integers(0, 1000))
def test_each_codebook_chooses_what_is_nearest_to_what_is_left(
    shape: tuple[int, int, int, int, int], seed: int
) -> None:
    quantizers, size, latent, batch, frames = shape
    made = quantizer(quantizers, size, latent, seed=seed).eval()
    x = output(batch, latent, frames, seed=seed)
    codes = made(x).codes
    left = x.transpose(1, 2)
    for number, codebook in enumerate(made.codebooks):
        distances = (left[:, :, None] - codebook).norm(dim=-1)
        chosen = distances.gather(2, codes[:, number, :, None])[..., 0]
        assert (chosen <= distances.amin(-1) + 1e-5).all()
        left = left - codebook[codes[:, number]]


@settings(deadline=None)
@given(shape=SHAPES, seed=st.integers(0, 1000), level=st.floats(1e-3, 1e3))
def test_no_codebook_with_a_zero_vector_leaves_over_more_than_it_got(
    shape: tuple[int, int, int, int, int], seed: int, level: float
) -> None:
    quantizers, size, latent, batch, frames = shape
    x = level * output(batch, latent, frames, seed=seed)
    before = x.norm(dim=1)
    for count in range(1, quantizers + 1):
        made = quantizer(quantizers, size, latent, seed=seed).eval()
        made.sums[:, 0] = 0
        made.sums[count:] = 0  # the codebooks after this one say nothing
        after = (x - made(x).mean).norm(dim=1)
        assert (after <= before + 1e-5 * level).all()
        before = after


def test_the_gradient_passes_as_if_nothing_had_been_rounded() -> None:
    x, upstream = output().requires_grad_(), output(seed=2)
    (found,) = torch.autograd.grad((quantizer().eval()(x).mean * upstream).sum(), x)
    assert torch.equal(found, upstream)


def test_the_commitment_pulls_the_encoder_to_its_codes_and_codes_have_no_gradient() -> None:
    made, x = quantizer(quantizers=1).eval(), output().requires_grad_()
    found = made(x)
    assert found.divergence().item() == pytest.approx((x - found.mean).square().mean().item(), rel=1e-6)
    (gradient,) = torch.autograd.grad(found.divergence(), x)
    torch.testing.assert_close(gradient, 2 * (x - found.mean.detach()).detach() / x.numel())
    assert not list(made.parameters())


def test_codebooks_follow_the_frames_by_the_formula() -> None:
    """VQ-VAE, appendix A.1, with usage counted so that 1 is that of a code chosen as often as all others."""
    made, x = quantizer(), output(frames=64)
    usage, sums, codebooks = (tensor.double().numpy() for tensor in (made.usage, made.sums, made.codebooks))
    usage, sums = usage.copy(), sums.copy()
    codes = made(x).codes.numpy()
    left = x.double().numpy().transpose(0, 2, 1)
    for number in range(3):
        for code in range(8):
            members = left[codes[:, number] == code]
            usage[number, code] = DECAY * usage[number, code] + (1 - DECAY) * len(members) * 8 / 128
            sums[number, code] = DECAY * sums[number, code] + (1 - DECAY) * members.sum(0) * 8 / 128
        left = left - codebooks[number][codes[:, number]]
    assert usage.min() > DEAD
    np.testing.assert_allclose(made.usage, usage, rtol=1e-5)
    np.testing.assert_allclose(made.sums, sums, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(made.codebooks, sums / usage[..., None], rtol=1e-4, atol=1e-5)


def test_a_code_that_nobody_chooses_becomes_a_frame_of_the_batch() -> None:
    made, x = quantizer(quantizers=1), output()
    made.sums[0, 3] = 1e3
    made.usage[0, 3] = 1.05 * DEAD
    torch.manual_seed(0)
    made(x)
    assert made.usage[0, 3].item() == pytest.approx(1.05 * DEAD * DECAY), "not yet dead"
    for _ in range(10):
        made(x)
    frames = x.transpose(1, 2).flatten(0, 1)
    assert (frames - made.codebooks[0, 3]).norm(dim=1).min() < 1.0, "it is among the frames"
    assert made.usage[0, 3] > 0.8


@pytest.mark.parametrize("mode", ["evaluation", "no graph"])
def test_codebooks_stay_where_nothing_is_learned(mode: str) -> None:
    made = quantizer()
    before = state(made)
    drawn = torch.get_rng_state()
    if mode == "evaluation":
        made.eval()(output())
    else:
        with torch.no_grad():
            made(output())
    assert all(torch.equal(tensor, before[name]) for name, tensor in state(made).items())
    assert torch.equal(torch.get_rng_state(), drawn)


def test_the_first_batch_places_the_codebooks() -> None:
    """By k-means: with as many clusters as codes, a code for each."""
    torch.manual_seed(0)
    made = ResidualQuantizer(ModelSpec(latent_size=2, quantizers=2, codebook_size=2))
    middles = torch.tensor([[10.0, 0.0], [-10.0, 5.0]])
    x = (middles.repeat(20, 1) + 0.1 * torch.randn(40, 2)).T[None]
    found = made(x)
    assert made.placed
    distances = (found.mean - x).square().sum(1)
    assert distances.max() < 0.5
    first = torch.stack([x[0].T[0::2].mean(0), x[0].T[1::2].mean(0)])
    codes = found.codes[0, 0, :2]
    torch.testing.assert_close(made.codebooks[0][codes], first, atol=1e-4, rtol=0)


def test_a_batch_with_a_frame_a_code_leaves_something_to_every_codebook() -> None:
    torch.manual_seed(0)
    made = ResidualQuantizer(ModelSpec(latent_size=8, quantizers=4, codebook_size=32))
    made(output(latent=8))
    norms = made.codebooks.norm(dim=-1).mean(1)
    assert (norms > 0.1).all()
    before = (output(latent=8, seed=5)).square().mean()
    left = [(output(latent=8, seed=5) - made.eval()(output(latent=8, seed=5)).mean).square().mean()]
    assert left[0] < before, "of a batch it has not seen"


def test_training_codes_what_it_sees_ever_better() -> None:
    """And every code stays in use, though the first batch was a poor place to begin."""
    torch.manual_seed(0)
    made = ResidualQuantizer(ModelSpec(latent_size=4, quantizers=2, codebook_size=16))
    mixing = torch.randn(4, 4)
    made(0.01 * output())
    errors = []
    for _ in range(600):
        x = torch.einsum("ij,bjf->bif", mixing, torch.randn(4, 4, 32))
        errors.append((made(x).mean - x).square().mean().item())
    assert np.mean(errors[-50:]) < 0.5 * np.mean(errors[:50])
    assert (made.usage > DEAD).all()
    assert torch.isfinite(made.codebooks).all()


def test_the_same_seed_places_and_replaces_the_same() -> None:
    states = []
    for _ in range(2):
        torch.manual_seed(3)
        made = ResidualQuantizer(ModelSpec(latent_size=4, quantizers=2, codebook_size=64))
        for step in range(300):
            made(output(frames=4, seed=step % 5))
        states.append(state(made))
    assert all(torch.equal(tensor, states[1][name]) for name, tensor in states[0].items())


@pytest.mark.parametrize("kind", ["discrete", "discrete+causal"])
def test_the_network_decodes_sums_of_codes(kind: str) -> None:
    spec = dataclasses.replace(
        find_preset(kind).model, capacity=2, latent_size=4, quantizers=2, codebook_size=8, latent_noise=3
    )
    torch.manual_seed(0)
    model = RAVE(spec)
    audio = 0.1 * torch.randn(2, 1, 8 * model.hop_length)
    model.encode(audio)
    latent = model.eval().encode(audio)
    assert latent.mean.shape == (2, 4, 8)
    assert isinstance(latent, Quantised)
    assert latent.codes.shape == (2, 2, 8)
    assert model.decode(latent.sample(), noise=True).shape == audio.shape


def _with_dead_codes() -> ResidualQuantizer:
    """The first nine of the first codebook, which nobody chooses."""
    made = quantizer(size=64)
    made.sums[0, :9], made.usage[0, :9] = 1e3, 0.5 * DEAD
    return made


def test_ranks_have_one_codebook_that_follows_all_their_frames() -> None:
    def work(ranks: Ranks) -> dict[str, NDArray[Any]]:
        torch.manual_seed(ranks.rank)
        made = _with_dead_codes()
        made.sum_over_ranks, made.share_first = ranks.sum, ranks.share
        made(output()[ranks.rank : ranks.rank + 1])
        return {name: tensor.numpy() for name, tensor in state(made).items()}

    first, second = ({n: torch.from_numpy(a) for n, a in rank.items()} for rank in together(work))
    assert all(torch.equal(tensor, second[name]) for name, tensor in first.items())
    alone = _with_dead_codes()
    alone(output())
    torch.testing.assert_close(first["usage"], alone.usage)
    torch.testing.assert_close(first["sums"][0, 9:], alone.sums[0, 9:])
    torch.testing.assert_close(first["sums"][1:], alone.sums[1:])
    frames = output().transpose(1, 2).flatten(0, 1)
    assert all((vector == frames).all(1).any() for vector in first["sums"][0, :9])
