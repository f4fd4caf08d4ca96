"""Discriminators with spectral normalisation, and how steep any of them is."""

import dataclasses

import pytest
import torch
from torch import Tensor, nn

from ravetui.engine.model.critics import build_discriminator
from ravetui.engine.model.gradient_penalty import gradient_penalty
from ravetui.engine.model.losses import hinge_discriminator
from ravetui.runs.model_spec import ModelSpec

RAVE = ModelSpec(discriminator_capacity=4, discriminator_layers=2, discriminator_scales=2, discriminator_periods=(3,))
DESCRIPT = dataclasses.replace(
    RAVE, discriminator="descript", discriminator_capacity=2, discriminator_n_ffts=(256,), discriminator_periods=(2,)
)
CRITICS = pytest.mark.parametrize("spec", [RAVE, DESCRIPT], ids=["rave", "descript"])


def convolutions(critic: nn.Module) -> list[nn.Module]:
    return [module for module in critic.modules() if isinstance(module, nn.Conv1d | nn.Conv2d)]


def largest_singular_value(convolution: nn.Module) -> float:
    weight = convolution.weight
    assert isinstance(weight, Tensor)
    return float(torch.linalg.matrix_norm(weight.detach().flatten(1), 2))


def train(critic: nn.Module, steps: int) -> None:
    optimizer = torch.optim.Adam(critic.parameters(), 1e-3)
    for _ in range(steps):
        scores = [features[-1] for features in critic(torch.randn(4, 1, 2048))]
        loss = hinge_discriminator([s[:2] for s in scores], [s[2:] for s in scores])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()


@CRITICS
def test_spectral_norm_keeps_every_convolution_at_1(spec: ModelSpec) -> None:
    torch.manual_seed(0)
    spectral = build_discriminator(dataclasses.replace(spec, discriminator_norm="spectral"))
    plain = build_discriminator(spec)
    for critic in (spectral, plain):
        train(critic, 40)
        critic.eval()
    values = [largest_singular_value(item) for item in convolutions(spectral)]
    assert values == pytest.approx([1.0] * len(values), abs=0.05)
    assert any(abs(largest_singular_value(item) - 1) > 0.1 for item in convolutions(plain))


@CRITICS
def test_its_vectors_are_in_what_a_checkpoint_keeps(spec: ModelSpec) -> None:
    torch.manual_seed(0)
    first = build_discriminator(dataclasses.replace(spec, discriminator_norm="spectral"))
    train(first, 3)
    second = build_discriminator(dataclasses.replace(spec, discriminator_norm="spectral"))
    second.load_state_dict(first.state_dict())
    audio = torch.randn(2, 1, 2048)
    for one, two in zip(first(audio), second(audio), strict=True):
        torch.testing.assert_close(one[-1], two[-1], rtol=0, atol=0)


def test_the_penalty_of_a_linear_critic_is_half_its_squared_slope() -> None:
    slope = torch.randn(2, 8)
    audio = torch.randn(3, 2, 8, requires_grad=True)
    scores = (audio * slope).sum((1, 2))[:, None, None].expand(3, 1, 5)  # as if a score a frame, all equal
    assert float(gradient_penalty([scores], audio)) == pytest.approx(float(slope.square().sum()) / 2, rel=1e-5)
    assert float(gradient_penalty([scores, scores], audio)) == pytest.approx(float(slope.square().sum()) * 2, rel=1e-5)


def test_the_penalty_can_be_differentiated() -> None:
    """Of ``D(x) = a |x|^2 / 2`` the slope is ``a x``: penalty ``a^2 |x|^2 / 2``, and its derivative by ``a``."""
    a = torch.tensor(3.0, requires_grad=True)
    audio = torch.randn(1, 1, 16, requires_grad=True)
    scores = (a * audio.square() / 2).sum(-1, keepdim=True)
    gradient_penalty([scores], audio).backward()  # type: ignore[no-untyped-call]
    assert a.grad is not None
    assert float(a.grad) == pytest.approx(3 * float(audio.detach().square().sum()), rel=1e-5)


@pytest.mark.parametrize("norm", ["weight", "spectral"])
def test_its_gradient_by_the_weights_equals_a_difference_quotient(norm: str) -> None:
    torch.manual_seed(1)
    critic = build_discriminator(dataclasses.replace(RAVE, discriminator_norm=norm)).double().eval()
    parameters = list(critic.parameters())
    audio = torch.randn(2, 1, 1024, dtype=torch.float64, requires_grad=True)

    def penalty() -> Tensor:
        return gradient_penalty([features[-1] for features in critic(audio)], audio)

    gradients = torch.autograd.grad(penalty(), parameters, allow_unused=True)
    found = [torch.zeros_like(p) if g is None else g for p, g in zip(parameters, gradients, strict=True)]
    length = torch.nn.utils.get_total_norm(found)
    ends, step = [], 1e-7  # so short that no rectifier changes its side
    for sign in (1, -2):
        with torch.no_grad():
            for parameter, gradient in zip(parameters, found, strict=True):
                parameter.add_(gradient / length, alpha=sign * step)
        ends.append(float(penalty().detach()))
    assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(float(length), rel=1e-3)


@CRITICS
def test_it_reaches_the_weights_of_both_discriminators(spec: ModelSpec) -> None:
    torch.manual_seed(1)
    critic = build_discriminator(spec)
    audio = torch.randn(2, 1, 2048, requires_grad=True)
    gradient_penalty([features[-1] for features in critic(audio)], audio).backward()  # type: ignore[no-untyped-call]
    reached = {name.split(".")[0] for name, p in critic.named_parameters() if p.grad is not None and bool(p.grad.any())}
    assert reached == {"periods", "spectra" if spec.discriminator == "descript" else "scales"}
