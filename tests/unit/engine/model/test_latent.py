import pytest
import torch
from torch.distributions import Normal, kl_divergence

from ravetui.engine.model.latent import HEADS, Directed, Posterior, Scattered
from ravetui.runs.model_spec import ModelSpec


def test_kl_is_twice_the_divergence_in_nats_of_a_frame() -> None:
    generator = torch.Generator().manual_seed(0)
    mean = torch.randn(3, 5, 7, generator=generator)
    scale = torch.rand(3, 5, 7, generator=generator) + 0.1
    nats = kl_divergence(Normal(mean, scale), Normal(0.0, 1.0)).sum(1).mean()
    torch.testing.assert_close(Posterior(mean, scale).divergence(), 2 * nats)


def test_kl_of_the_prior_is_zero() -> None:
    assert Posterior(torch.zeros(2, 4, 3), torch.ones(2, 4, 3)).divergence().item() == 0


def test_samples_follow_mean_and_scale() -> None:
    torch.manual_seed(0)
    mean, scale = torch.full((1, 2, 40_000), 3.0), torch.tensor([0.5, 2.0])[None, :, None].expand(1, 2, 40_000)
    z = Posterior(mean, scale).sample()
    torch.testing.assert_close(z.mean(2), torch.full((1, 2), 3.0), atol=0.05, rtol=0)
    torch.testing.assert_close(z.std(2), torch.tensor([[0.5, 2.0]]), atol=0.05, rtol=0)


def test_samples_pass_gradients_to_mean_and_scale() -> None:
    torch.manual_seed(0)
    mean = torch.zeros(1, 2, 3, requires_grad=True)
    scale = torch.ones(1, 2, 3, requires_grad=True)
    z = Posterior(mean, scale).sample()
    to_mean, to_scale = torch.autograd.grad(z.sum(), (mean, scale))
    assert (to_mean == 1).all()
    torch.testing.assert_close(to_scale, z.detach())


def test_discrepancy_is_the_kernels_mean_over_all_pairs() -> None:
    points = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(0))
    torch.manual_seed(1)
    found = Scattered(points).divergence().item()
    torch.manual_seed(1)
    draws = torch.randn(10, 3)
    rows = points.permute(0, 2, 1).reshape(10, 3)

    def mean(x: torch.Tensor, y: torch.Tensor) -> float:
        pairs = [torch.exp(-(a - b).square().sum() / 9).item() for a in x for b in y]
        return sum(pairs) / len(pairs)

    assert found == pytest.approx(mean(rows, rows) + mean(draws, draws) - 2 * mean(rows, draws), abs=1e-5)


def test_discrepancy_is_small_for_the_prior_alone() -> None:
    torch.manual_seed(0)
    near, shifted, narrow = torch.randn(1, 4, 1000), torch.randn(1, 4, 1000) + 1, 0.1 * torch.randn(1, 4, 1000)
    values = [Scattered(points).divergence().item() for points in (near, shifted, narrow)]
    assert values[0] < 0.005
    assert min(values[1:]) > 10 * values[0]


def test_points_are_drawn_as_they_are() -> None:
    points = torch.randn(1, 4, 3)
    assert torch.equal(Scattered(points).sample(), points)
    assert torch.equal(Directed(points).sample(), points)


def test_a_spherical_latent_has_norm_1_at_any_level_and_no_divergence() -> None:
    output = torch.randn(2, 8, 5, generator=torch.Generator().manual_seed(0))
    for level in (1e-6, 1.0, 1e6):
        latent = HEADS["spherical"].make(ModelSpec())(level * output)
        torch.testing.assert_close(latent.mean.norm(dim=1), torch.ones(2, 5))
        assert latent.divergence().item() == 0
