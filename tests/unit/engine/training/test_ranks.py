"""Several ranks: what they say to one another, and that together they are one run."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.launch.start import start_run
from ravetui.engine.launch.stop import wait_for
from ravetui.engine.model.latent import Posterior
from ravetui.engine.training import ranks as module
from ravetui.engine.training.agreement import check_agreement
from ravetui.engine.training.descent import descend
from ravetui.engine.training.device import choose_device
from ravetui.engine.training.latent import LatentStatistics
from ravetui.engine.training.ranks import Ranks, Word
from ravetui.engine.training.state import TrainingState, build_state
from ravetui.engine.training.update import Values, update
from ravetui.errors import RunError
from ravetui.runs.folder import RunFolder
from ravetui.runs.spec import RunSpec, read_spec
from ravetui.runs.state import RunState
from ravetui.runs.workspace import Workspace
from tests.ranks import TWO, together
from tests.trainer import attempt, history
from tests.workspaces import small_run, small_workspace

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return small_workspace(tmp_path_factory.mktemp("ranks") / "ws")


@pytest.fixture(scope="module")
def two(workspace: Workspace) -> RunFolder:
    """A run of two ranks that is finished."""
    run = small_run(workspace, "two", **TWO)
    start_run(run)
    status = wait_for(run, lambda state: not state.is_live, 120)
    assert status.state is RunState.FINISHED, status.reason
    return run


def batch_of(spec: RunSpec, rank: int, step: int) -> Tensor:
    training = spec.training
    sampler = CropSampler(
        Dataset(Path(spec.data.path)),
        training.crop,
        training.batch_size,
        training.seed,
        spec.augment,
        ranks=2,
        rank=rank,
    )
    return torch.from_numpy(sampler.batch(step))


# What they say


def test_a_mean_is_over_all_ranks_and_the_same_on_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BUCKET", 10)
    shapes = [(2, 3), (4,), (25,), (1, 1, 1), ()]

    def tensors(rank: int) -> list[Tensor]:
        random = torch.Generator().manual_seed(rank)
        return [torch.randn(shape, generator=random) for shape in shapes]

    def work(ranks: Ranks) -> list[list[float]]:
        found = tensors(ranks.rank)
        ranks.average(found)
        return [tensor.flatten().tolist() for tensor in found]

    one, other, third = together(work, 3)
    assert one == other == third
    for mean, *parts in zip(one, *(tensors(rank) for rank in range(3)), strict=True):
        np.testing.assert_allclose(mean, torch.stack(parts).mean(0).flatten(), rtol=1e-5, atol=1e-6)


def test_rank_0_speaks_and_losses_are_means() -> None:
    def work(ranks: Ranks) -> tuple[int, Values]:
        said = ranks.say(Word.STEP if ranks.first else Word.END)
        return said, ranks.mean({"a": {"x": 1.0 + ranks.rank}, "b": {"y": [4.0, float("nan")][ranks.rank], "z": 0.1}})

    for said, values in together(work):
        assert said == Word.STEP
        assert (values["a"], values["b"]["z"]) == ({"x": 1.5}, 0.1)
        assert np.isnan(values["b"]["y"]), "lost on one is lost on all"


def test_a_rank_that_is_gone_is_noticed() -> None:
    def work(ranks: Ranks) -> int:
        if ranks.first:
            return ranks.say(1) + ranks.say(2)
        return ranks.say(0)

    lost, heard = together(work)
    assert heard == 1
    assert lost == 3 or lost.startswith("LostRankError: "), "a word may be on its way when the other one leaves"

    def wait(ranks: Ranks) -> None:
        if ranks.first:
            ranks.dismiss()

    lost, _ = together(wait)
    assert lost.startswith("LostRankError: "), "the end is only the end when every rank has answered"


def test_the_latent_is_judged_over_all_ranks() -> None:
    mean = torch.randn(4, 3, 50, generator=torch.Generator().manual_seed(1)) * torch.tensor([[0.01], [1], [2]])
    scale = torch.ones_like(mean)

    def work(ranks: Ranks) -> dict[str, float]:
        statistics, own = LatentStatistics(3), slice(2 * ranks.rank, 2 * ranks.rank + 2)
        statistics.add(Posterior(mean[own], scale[own]))
        statistics.gather(ranks)
        return statistics.row() | {"frames": statistics.frames}

    alone = LatentStatistics(3)
    alone.add(Posterior(mean, scale))
    assert alone.active == 2
    assert together(work) == [alone.row() | {"frames": 200}] * 2


# What they do


def test_gradients_and_running_statistics_are_averaged(two: RunFolder) -> None:
    spec = read_spec(two.spec_path)

    def work(ranks: Ranks) -> tuple[set[float], list[float], list[float]]:
        state = build_state(spec, CPU, ranks)
        norm = next(m for m in state.rave.modules() if isinstance(m, torch.nn.BatchNorm1d))
        assert norm.running_mean is not None
        norm.running_mean.fill_(10.0 * ranks.rank)
        parameters = list(state.rave.encoder.parameters())
        loss = torch.stack([parameter.sum() for parameter in parameters]).sum() * (1 + ranks.rank)
        descend(state, state.optimizer, loss)
        gradients = {float(value) for p in parameters if p.grad is not None for value in p.grad.flatten()}
        return gradients, norm.running_mean[:2].tolist(), parameters[0].flatten()[:5].tolist()

    one, other = together(work)
    assert one == other
    assert one[:2] == ({1.5}, [5.0, 5.0])


def test_the_first_step_is_the_mean_of_what_each_rank_would_make_alone(two: RunFolder) -> None:
    spec = read_spec(two.spec_path)
    found = [update(build_state(spec, CPU, Ranks(rank)), batch_of(spec, rank, 0)) for rank in range(2)]
    for column in ("loss", "fullband_spectral_distance", "multiband_spectral_distance", "regularization"):
        journaled = float(history(two).series(column).value[0])
        parts = [values["reconstruction"][column] for values in found]
        assert journaled == pytest.approx(sum(parts) / 2, rel=1e-5)
        assert parts[0] != parts[1]


def test_two_ranks_with_half_the_batch_follow_one_rank(two: RunFolder, workspace: Workspace) -> None:
    one = small_run(workspace, "one")
    assert attempt(one) == "finished"
    assert read_spec(one.spec_path).data.steps_per_epoch == read_spec(two.spec_path).data.steps_per_epoch
    for column, close in (("loss", 0.05), ("loss_dis", 1e-3), ("feature_matching", 0.05)):
        ours, theirs = history(two).series(column), history(one).series(column)
        np.testing.assert_array_equal(ours.step, theirs.step)
        assert np.abs(ours.value / theirs.value - 1).mean() < close, column
    of_one, of_two = (history(run).records("steps")["phase"] for run in (one, two))
    np.testing.assert_array_equal(of_one, of_two)


def test_ranks_that_differ_do_not_begin(two: RunFolder) -> None:
    spec = read_spec(two.spec_path)

    def work(ranks: Ranks) -> None:
        state = build_state(spec, CPU, ranks)
        check_agreement(state)
        if not ranks.first:
            next(state.discriminator.parameters()).data[0] += 1e-6
        check_agreement(state)

    same, differs = together(work)
    assert same is None
    assert differs.startswith("RunError: Rank 1 begins step 1 with other weights than rank 0.")


def test_noise_is_another_for_each_step_rank_and_seed_and_that_of_rank_0_is_a_run_of_ones(two: RunFolder) -> None:
    spec = read_spec(two.spec_path)
    other = dataclasses.replace(spec, training=dataclasses.replace(spec.training, seed=1))

    def draw(state: TrainingState, step: int) -> list[float]:
        state.seed_step(step)
        return torch.randn(4).tolist()

    alone, first, second = (build_state(spec, CPU, found) for found in (Ranks(), Ranks(0, 2), Ranks(1, 2)))
    assert draw(alone, 3) == draw(first, 3)
    drawn = [draw(state, step) for state in (first, second, build_state(other, CPU)) for step in (3, 4)]
    assert len({tuple(numbers) for numbers in drawn}) == 6


# Where they compute


def test_a_run_started_from_within_another_job_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"RANK": "3", "WORLD_SIZE": "8", "LOCAL_RANK": "3"}.items():
        monkeypatch.setenv(name, value)
    assert module.join() == Ranks()


def test_a_run_for_two_is_not_trained_by_one(workspace: Workspace) -> None:
    run = small_run(workspace, "lonely", **TWO)
    with pytest.raises(RunError, match="is made for 2 ranks, and 1 rank came to train it"):
        attempt(run)


def test_more_ranks_than_gpus_are_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(RunError) as caught:
        choose_device("auto", 2, Ranks(1, 2, 1))
    assert caught.value.message == "The run is made for 2 ranks, one a GPU, and torch sees 1 GPU."
    assert caught.value.remedy == "Fork it with ranks=1, or set engine.device to cpu in config.toml."
    assert choose_device("cpu", 2, Ranks(1, 2, 1)) == CPU
