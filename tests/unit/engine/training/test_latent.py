"""How many dimensions of the latent carry it."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ravetui.engine.model.latent import Directed, Posterior
from ravetui.engine.training.latent import LatentStatistics


def statistics(data: NDArray[np.float64], parts: int = 1) -> LatentStatistics:
    """Of frames (frames, latent_size), given in several batches."""
    found = LatentStatistics(data.shape[1])
    for part in np.array_split(data, parts):
        mean = torch.from_numpy(part.T[None].astype(np.float32))
        found.add(Posterior(mean, torch.ones_like(mean)))
    return found


def test_known_variances_give_known_dimensions() -> None:
    # Orthogonal columns of variances 60, 25, 10, 4, 1: the shares are .60, .85, .95, .99, 1.
    signs = np.array([[1 if (i >> bit) & 1 else -1 for bit in range(5)] for i in range(32)], dtype=float)
    data = signs * np.sqrt([60, 25, 10, 4, 1]) + [3, -2, 0, 7, 1]
    found = statistics(data)
    assert [found.dimensions(share) for share in (0.5, 0.8, 0.9, 0.98, 0.999)] == [1, 2, 3, 4, 5]


def test_it_does_not_depend_on_the_batches_or_on_the_mean() -> None:
    data = np.random.default_rng(0).normal(size=(300, 8)) @ np.random.default_rng(1).normal(size=(8, 8))
    whole = statistics(data).row()
    assert statistics(data, parts=7).row() == whole
    assert statistics(data + 100).row() == whole


def test_it_equals_the_singular_values_of_the_centred_frames() -> None:
    data = np.random.default_rng(2).normal(size=(500, 16)) * np.geomspace(1, 0.01, 16)
    held = np.cumsum(np.linalg.svd(data - data.mean(0), compute_uv=False) ** 2)
    for share in (0.8, 0.9, 0.95, 0.99):
        assert statistics(data).dimensions(share) == int(np.argmax(held / held[-1] >= share)) + 1


def test_a_collapsed_latent_has_one_dimension() -> None:
    row = statistics(np.zeros((40, 4))).row()
    assert {row[f"fidelity_{share}"] for share in (0.8, 0.9, 0.95, 0.99)} == {1.0}
    assert row["kl_active"] == 0


def test_dimensions_near_the_prior_are_not_active() -> None:
    # KL(N(m, s) || N(0, 1)) = (m² + s² - 1) / 2 - ln s: 0, 0.005, 0.02, 0.5, and 0.318 of a narrow one.
    mean = torch.tensor([0.0, 0.1, 0.2, 1.0, 0.0])[None, :, None].expand(2, 5, 30)
    scale = torch.tensor([1.0, 1.0, 1.0, 1.0, 0.5])[None, :, None].expand(2, 5, 30)
    posterior, found = Posterior(mean, scale), LatentStatistics(5)
    exact = torch.distributions.kl_divergence(
        torch.distributions.Normal(mean, scale), torch.distributions.Normal(0.0, 1.0)
    )
    torch.testing.assert_close(posterior.nats(), exact)
    torch.testing.assert_close(posterior.divergence(), 2 * exact.sum(1).mean())
    found.add(posterior)
    assert found.row()["kl_active"] == 3


def test_a_latent_that_is_no_distribution_has_no_divergence() -> None:
    found = LatentStatistics(2)
    found.add(Directed(torch.ones(1, 2, 9)))
    assert np.isnan(found.row()["kl_active"])


@pytest.mark.parametrize(("frames", "enough"), [(7, False), (8, True)])
def test_fewer_frames_than_dimensions_are_not_enough(frames: int, enough: bool) -> None:
    assert statistics(np.zeros((frames, 8))).is_enough is enough
