import torch
from torch.distributions import Normal, kl_divergence

from ravetui.engine.model.posterior import Posterior


def test_kl_is_twice_the_divergence_in_nats_of_a_frame() -> None:
    generator = torch.Generator().manual_seed(0)
    mean = torch.randn(3, 5, 7, generator=generator)
    scale = torch.rand(3, 5, 7, generator=generator) + 0.1
    nats = kl_divergence(Normal(mean, scale), Normal(0.0, 1.0)).sum(1).mean()
    torch.testing.assert_close(Posterior(mean, scale).kl(), 2 * nats)


def test_kl_of_the_prior_is_zero() -> None:
    assert Posterior(torch.zeros(2, 4, 3), torch.ones(2, 4, 3)).kl().item() == 0


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
