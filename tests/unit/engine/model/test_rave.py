import dataclasses

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from ravetui.engine.model.critics import build_discriminator
from ravetui.engine.model.discriminator import Discriminator
from ravetui.engine.model.latent import Posterior
from ravetui.engine.model.losses import (
    MultiScaleSpectralDistance,
    feature_matching,
    hinge_discriminator,
    hinge_generator,
)
from ravetui.engine.model.rave import RAVE, pad_to_hop
from ravetui.engine.presets import find_preset
from ravetui.runs.model_spec import ModelSpec

SMALL = ModelSpec(capacity=4, latent_size=8, ratios=(4, 2), discriminator_capacity=4)


def millions(module: nn.Module) -> float:
    return round(sum(parameter.numel() for parameter in module.parameters()) / 1e6, 2)


def small(spec: ModelSpec = SMALL) -> RAVE:
    torch.manual_seed(0)
    return RAVE(spec)


def sound(samples: int, batch: int = 2, channels: int = 1) -> Tensor:
    return 0.1 * torch.randn(batch, channels, samples, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("preset", "hop_length", "size"),
    [
        ("v1", 2048, (4.83, 12.78, 7.75)),
        ("v2", 2048, (16.06, 15.48, 27.13)),
        ("v2+noise", 2048, (16.06, 15.63, 27.13)),
        ("v2+snake", 2048, (16.06, 15.48, 27.13)),
        ("v2+causal", 2048, (16.06, 15.48, 27.13)),
        ("v2+wasserstein", 2048, (14.95, 15.55, 27.13)),
        ("v2+spherical", 2048, (14.95, 14.96, 27.13)),
        ("v3", 2048, (16.06, 15.48, 42.52)),
        ("discrete", 1024, (14.29, 14.89, 27.13)),
        ("v2-small", 512, (3.95, 3.82, 6.79)),
        ("brave", 128, (0.94, 3.25, 1.94)),
    ],
)
def test_sizes(preset: str, hop_length: int, size: tuple[float, float, float]) -> None:
    """Those of acids-rave's encoder, decoder and discriminator; v1's first two are the paper's 17.6 million."""
    spec = find_preset(preset).model
    model = RAVE(spec)
    assert model.hop_length == hop_length
    assert (millions(model.encoder), millions(model.generator), millions(build_discriminator(spec))) == size


@pytest.mark.parametrize("frames", [1, 2, 7])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("ratios", [(4, 2), (3, 5), (2,)])
def test_shapes(frames: int, channels: int, ratios: tuple[int, ...]) -> None:
    spec = dataclasses.replace(SMALL, channels=channels, ratios=ratios)
    model = small(spec).eval()
    x = sound(frames * model.hop_length, channels=channels)
    posterior = model.encode(x)
    assert isinstance(posterior, Posterior)
    assert posterior.mean.shape == posterior.scale.shape == (2, 8, frames)
    assert (posterior.scale > 0).all()
    bands = model.decode_bands(posterior.mean, noise=True)
    assert bands.shape == (2, 16 * channels, frames * model.hop_length // 16)
    assert model(x).shape == x.shape


def test_samples_that_are_no_whole_hops_are_refused() -> None:
    with pytest.raises(ValueError, match=r"200 samples .* hop_length = 128"):
        small().encode(sound(200))


@settings(deadline=None)
@given(samples=st.integers(1, 500), hop_length=st.integers(1, 300))
def test_padding_to_whole_hops(samples: int, hop_length: int) -> None:
    x = torch.ones(1, 1, samples)
    padded = pad_to_hop(x, hop_length)
    assert padded.shape[-1] % hop_length == 0
    assert 0 <= padded.shape[-1] - samples < hop_length
    assert padded.sum() == samples
    assert (padded[..., :samples] == 1).all()


def test_same_seed_same_network_and_same_sound() -> None:
    x = sound(1024)
    first, second = small(), small()
    assert first.state_dict().keys() == second.state_dict().keys()
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name]), name
    outputs = []
    for model in (first, second):
        torch.manual_seed(1)
        outputs.append(model.decode(model.encode(x).sample(), noise=True))
    assert torch.equal(*outputs)


def test_noise_is_added_to_the_bands() -> None:
    model = small().eval()
    z = torch.randn(1, 8, 4)
    without, again = model.decode_bands(z, noise=False), model.decode_bands(z, noise=False)
    assert torch.equal(without, again)
    with_noise, other_noise = model.decode_bands(z, noise=True), model.decode_bands(z, noise=True)
    assert not torch.equal(with_noise, other_noise)
    # At the start of training the noise's amplitude is near 2 sigmoid(-5)^2.3.
    assert 0 < (with_noise - without).abs().max() < 1e-3


def test_bands_are_bounded_by_tanh_times_loudness() -> None:
    assert small().decode_bands(100 * torch.randn(2, 8, 16), noise=False).abs().max() <= 2.001


def test_batch_items_are_encoded_each_for_itself_in_evaluation() -> None:
    model = small().eval()
    x = sound(1024, batch=3)
    torch.testing.assert_close(model(x, noise=False)[1:2], model(x[1:2], noise=False))


@pytest.mark.parametrize("level", [0.0, 1e-30, 0.1])
def test_a_step_of_each_phase_has_finite_gradients(level: float) -> None:
    """Digital silence and levels whose squares underflow included."""
    model, discriminator = small(), Discriminator(SMALL)
    distance = MultiScaleSpectralDistance((512, 128), 1e-7)
    x = level * 10 * sound(8192)
    posterior = model.encode(x)
    bands = model.decode_bands(posterior.sample(), noise=True)
    y = model.pqmf.synthesis(bands)
    real, fake = discriminator(x), discriminator(y)
    loss = distance(x, y) + distance(model.pqmf.analysis(x), bands) + 0.1 * posterior.divergence()
    loss = loss + feature_matching(real, fake) + hinge_generator([scale[-1] for scale in fake])
    loss = loss + hinge_discriminator([scale[-1] for scale in real], [scale[-1] for scale in fake])
    loss.backward()
    assert torch.isfinite(loss)
    for module in (model, discriminator):
        for name, parameter in module.named_parameters():
            assert parameter.grad is not None, name
            assert torch.isfinite(parameter.grad).all(), name


def test_gradients_reach_every_weight_of_the_autoencoder() -> None:
    model = small()
    x = sound(8192)
    bands = model.decode_bands(model.encode(x).sample(), noise=True)
    MultiScaleSpectralDistance((512, 128), 1e-7)(x, model.pqmf.synthesis(bands)).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


@pytest.mark.parametrize(
    ("change", "said"),
    [({"architecture": "v9"}, "v9"), ({"n_band": 12}, "power of two"), ({"kernel_size": 4}, "must be odd")],
)
def test_what_cannot_be_built_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        RAVE(dataclasses.replace(SMALL, **change))  # type: ignore[arg-type]


def test_noise_beside_the_latent_is_heard_and_drawn_anew() -> None:
    spec = ModelSpec("v2", capacity=4, latent_size=3, ratios=(2,), dilations=((1,),), noise_bands=0, latent_noise=5)
    model = small(spec)
    z = torch.randn(1, 3, 6)
    torch.manual_seed(1)
    first, second = model.decode(z, noise=True), model.decode(z, noise=True)
    assert not torch.equal(first, second)
    torch.manual_seed(1)
    assert torch.equal(model.decode(z, noise=True), first)


def test_what_is_rendered_beside_training_takes_no_draw_of_it() -> None:
    """Whatever noise a network hears: a run has the same bits with and without its samples."""
    for beside, bands in ((5, 0), (0, 3), (5, 3)):
        spec = ModelSpec("v2", capacity=4, latent_size=3, ratios=(2,), dilations=((1,),), latent_noise=beside)
        model = small(dataclasses.replace(spec, noise_bands=bands, noise_ratios=(2,)))
        z = torch.randn(1, 3, 6)
        before = torch.get_rng_state()
        model.seed_noise(0)
        first, second = model.decode(z, noise=True), model.decode(z, noise=True)
        assert not torch.equal(first, second)
        model.seed_noise(0)
        assert torch.equal(model.decode(z, noise=True), first)
        assert torch.equal(torch.get_rng_state(), before)
