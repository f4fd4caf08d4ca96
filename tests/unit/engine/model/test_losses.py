import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from ravetui.engine.model.losses import (
    MultiScaleSpectralDistance,
    feature_matching,
    hinge_discriminator,
    hinge_generator,
)
from ravetui.engine.model.spectral_distance import spectral_distance

SCALES = (512, 256, 128)


@pytest.fixture
def distance() -> MultiScaleSpectralDistance:
    return MultiScaleSpectralDistance(SCALES, 1e-7)


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_distance_of_a_signal_from_itself_is_zero(distance: MultiScaleSpectralDistance) -> None:
    x = noise(2, 1, 2048)
    assert distance(x, x).item() == 0


@settings(deadline=None, max_examples=30)
@given(gain=st.floats(0.01, 100))
def test_distance_of_an_amplified_signal(gain: float) -> None:
    """Every scale adds (1 - g)^2 and |log g|."""
    x = noise(1, 1, 2048)
    expected = len(SCALES) * ((1 - gain) ** 2 + abs(math.log(gain)))
    value = MultiScaleSpectralDistance(SCALES, 1e-12)(x, gain * x).item()
    assert value == pytest.approx(expected, rel=1e-3, abs=1e-5)


def test_distance_does_not_depend_on_the_level_of_both() -> None:
    x, y = noise(2, 1, 2048), noise(2, 1, 2048, seed=1)
    distance = MultiScaleSpectralDistance(SCALES, 1e-12)
    torch.testing.assert_close(distance(x / 100, y / 100), distance(x, y), rtol=1e-4, atol=0)


def test_channels_count_like_items_of_the_batch(distance: MultiScaleSpectralDistance) -> None:
    x, y = noise(2, 3, 1024), noise(2, 3, 1024, seed=1)
    torch.testing.assert_close(distance(x, y), distance(x.reshape(6, 1, -1), y.reshape(6, 1, -1)))
    assert distance.spectra(x)[0].shape == (6, 9, 257)


def test_gradient_is_that_of_the_formula() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(3, 5, 7, generator=generator, dtype=torch.double)
    y = torch.rand(3, 5, 7, generator=generator, dtype=torch.double, requires_grad=True)
    formula = (x - y).square().mean() / x.square().mean() + ((x + 0.1).log() - (y + 0.1).log()).abs().mean()
    ours = spectral_distance(x, y, 0.1, 1e-9)
    torch.testing.assert_close(ours, formula)
    torch.testing.assert_close(torch.autograd.grad(3 * ours, y)[0], torch.autograd.grad(3 * formula, y)[0])


def test_silent_target_gives_finite_distance_and_gradient(distance: MultiScaleSpectralDistance) -> None:
    for y in (torch.zeros(2, 1, 2048), noise(2, 1, 2048)):
        y.requires_grad_()
        value = distance(torch.zeros(2, 1, 2048), y)
        value.backward()
        assert torch.isfinite(value)
        assert y.grad is not None
        assert torch.isfinite(y.grad).all()
    assert distance(torch.zeros(2, 1, 2048), torch.zeros(2, 1, 2048)).item() == 0


def test_rounding_to_16_bits_costs_silence_about_one_a_scale() -> None:
    """What stands in for a silent target's power is the power of just that error."""
    rounding = (torch.rand(8, 1, 16384, generator=torch.Generator().manual_seed(0)) - 0.5) * 2**-15
    relative_only = MultiScaleSpectralDistance(SCALES, 1e6)
    assert relative_only(torch.zeros(8, 1, 16384), rounding).item() == pytest.approx(len(SCALES), rel=0.05)


def test_a_target_that_asks_for_a_gradient_is_refused(distance: MultiScaleSpectralDistance) -> None:
    target = distance.spectra(noise(1, 1, 1024).requires_grad_())
    with pytest.raises(ValueError, match="no gradient"):
        distance.distance(target, target)


def test_a_signal_shorter_than_half_a_window_is_refused(distance: MultiScaleSpectralDistance) -> None:
    with pytest.raises(RuntimeError, match=r"[Pp]adding"):
        distance.spectra(noise(1, 1, 256))


def test_windows_are_no_weights(distance: MultiScaleSpectralDistance) -> None:
    assert not distance.state_dict()


def test_hinge_of_the_discriminator() -> None:
    real = [torch.tensor([2.0, 0.0]), torch.tensor([1.0])]
    fake = [torch.tensor([-3.0, 1.0]), torch.tensor([0.5])]
    assert hinge_discriminator(real, fake).item() == pytest.approx((0.5 + 1.0) + (0.0 + 1.5))


@settings(deadline=None, max_examples=30)
@given(margin=st.floats(1, 1e6))
def test_hinge_is_zero_beyond_the_margin(margin: float) -> None:
    assert hinge_discriminator([torch.full((2, 1, 3), margin)], [torch.full((2, 1, 3), -margin)]).item() == 0


def test_hinge_of_the_generator() -> None:
    fake = [torch.tensor([-3.0, 1.0]), torch.tensor([0.5])]
    assert hinge_generator(fake).item() == pytest.approx(1.0 - 0.5)


def test_feature_matching_is_a_mean_over_layers_then_scales() -> None:
    real = [[torch.zeros(2, 4, 8), torch.zeros(2, 1, 2)], [torch.zeros(2, 4, 4)]]
    fake = [[torch.full((2, 4, 8), 3.0), torch.full((2, 1, 2), -1.0)], [torch.full((2, 4, 4), 5.0)]]
    assert feature_matching(real, fake).item() == pytest.approx(((3 + 1) / 2 + 5) / 2)


def test_relative_feature_matching_does_not_depend_on_a_layers_level() -> None:
    real, fake = noise(2, 4, 8), noise(2, 4, 8, seed=1)
    pairs = [([[real, real]], [[fake, fake]]), ([[real, 9 * real]], [[fake, 9 * fake]])]
    first, second = (feature_matching(*pair, relative=True).item() for pair in pairs)
    assert first == pytest.approx(second)
    assert first == pytest.approx(((real - fake).abs().mean() / real.abs().mean()).item())


def test_skipped_layers_do_not_count() -> None:
    real = [[torch.zeros(2, 4, 8), torch.zeros(2, 1, 2)], [torch.zeros(2, 4, 4), torch.zeros(2, 1, 2)]]
    fake = [
        [torch.full((2, 4, 8), 99.0), torch.full((2, 1, 2), -1.0)],
        [torch.ones(2, 4, 4), torch.full((2, 1, 2), 3.0)],
    ]
    assert feature_matching(real, fake, skipped=1).item() == pytest.approx((1 + 3) / 2)
