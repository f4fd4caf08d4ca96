"""From a loss to new weights, by the formulas."""

import dataclasses
import math
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ravetui.engine.training.average import WeightAverage
from ravetui.engine.training.descent import clip, descend
from ravetui.engine.training.perturbation import perturbed
from ravetui.engine.training.rate import learning_rate
from ravetui.engine.training.session import Session
from ravetui.engine.training.state import TrainingState, build_state
from ravetui.engine.training.validation import validate
from ravetui.runs.spec import read_spec
from ravetui.runs.training_spec import TrainingSpec
from ravetui.runs.workspace import Workspace
from tests.trainer import CONFIG
from tests.workspaces import small_run, small_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return small_workspace(tmp_path)


def state_of(workspace: Workspace, **knobs: str) -> TrainingState:
    run = small_run(workspace, f"run-{len(workspace.run_folders())}", **knobs)
    return build_state(read_spec(run.spec_path), torch.device("cpu"))


def numbers(state: TrainingState) -> NDArray[np.float64]:
    parts = [p.detach().double().flatten() for group in state.optimizer.param_groups for p in group["params"]]
    return torch.cat(parts).numpy()


def loss_of(state: TrainingState, factor: float = 1.0) -> torch.Tensor:
    """One whose gradient is known: ``factor`` at each weight."""
    params = [p for group in state.optimizer.param_groups for p in group["params"]]
    return torch.stack([p.sum() for p in params]).sum() * factor


def test_weight_decay_is_decoupled(workspace: Workspace) -> None:
    """AdamW's first step: ``w (1 - rate decay) - rate g / (|g| + 1e-8)``; the gradient knows nothing of the decay."""
    rate, decay = 5e-3, 0.1
    state = state_of(workspace, weight_decay=str(decay), learning_rate=str(rate))
    before = numbers(state)
    descend(state, state.optimizer, loss_of(state))
    np.testing.assert_allclose(numbers(state), before * (1 - rate * decay) - rate, rtol=1e-5, atol=1e-7)


def test_without_a_knob_a_step_is_that_of_plain_adam(workspace: Workspace) -> None:
    ours, plain = state_of(workspace), state_of(workspace)
    assert ours.average is None
    parameters = plain.optimizer.param_groups[0]["params"]
    optimizer = torch.optim.Adam(parameters, plain.spec.training.learning_rate, (0.5, 0.9), fused=True)
    for factor in (1.0, -0.3, 2.0):
        descend(ours, ours.optimizer, loss_of(ours, factor))
        optimizer.zero_grad()
        loss_of(plain, factor).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    np.testing.assert_array_equal(numbers(ours), numbers(plain))


@pytest.mark.parametrize(("limit", "clipped"), [(0.5, True), (1e6, False)])
def test_a_clipped_gradient_is_as_long_as_the_limit(limit: float, *, clipped: bool) -> None:
    torch.manual_seed(0)
    weights = [torch.nn.Parameter(torch.zeros(shape)) for shape in ((3, 4), (7,), (2, 2, 2))]
    for weight in weights:
        weight.grad = torch.randn_like(weight)
    before = torch.cat([w.grad.flatten() for w in weights if w.grad is not None])
    clip(torch.optim.Adam(weights), limit)
    after = torch.cat([w.grad.flatten() for w in weights if w.grad is not None])
    torch.testing.assert_close(after, before * (limit / before.norm()) if clipped else before)
    assert float(after.norm()) == pytest.approx(limit if clipped else float(before.norm()), rel=1e-5)


def test_a_gradient_that_is_not_finite_is_left_for_the_check_to_name() -> None:
    good, bad = torch.nn.Parameter(torch.zeros(2)), torch.nn.Parameter(torch.zeros(2))
    good.grad, bad.grad = torch.tensor([3.0, 4.0]), torch.tensor([math.inf, 1.0])
    clip(torch.optim.Adam([good, bad]), 1.0)
    assert good.grad.tolist() == [3.0, 4.0]
    assert bad.grad.tolist() == [math.inf, 1.0]


def test_the_average_follows_its_recursion_and_copies_statistics(workspace: Workspace) -> None:
    state = state_of(workspace, ema_decay="0.6")
    average = state.average
    assert isinstance(average, WeightAverage)
    expected = numbers(state)
    with torch.no_grad():
        for buffer in state.rave.encoder.buffers():
            buffer.add_(3)
    for step in range(1, 30):
        descend(state, state.optimizer, loss_of(state))
        state.step = step
        decay = min(0.6, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * numbers(state)
    kept = [*average.rave.encoder.parameters(), *average.rave.generator.parameters()]
    found = torch.cat([p.double().flatten() for p in kept]).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    for one, two in zip(average.rave.buffers(), state.rave.buffers(), strict=True):
        assert torch.equal(one, two)


def test_the_average_is_what_validation_judges(workspace: Workspace) -> None:
    run = small_run(workspace, "averaged", ema_decay="0.9")
    run.attempt(1).path.mkdir()
    session = Session(run, CONFIG, Event())
    state = session.state
    assert state.average is not None

    def judged() -> float:
        found = validate(state, session.dataset, lambda: False)
        assert found is not None
        return found["validation"]["validation"]

    before = judged()
    with torch.no_grad():
        for parameter in state.rave.parameters():
            parameter.mul_(1.5)
    assert judged() == before
    with torch.no_grad():
        for parameter in state.average.rave.parameters():
            parameter.mul_(1.5)
    assert judged() != before
    session.batches.close()
    session.close()


@pytest.mark.parametrize(
    ("schedule", "start", "half", "end"),
    [
        ("linear", 1.0, 0.55, 0.1),
        ("cosine", 1.0, 0.55, 0.1),
        ("exponential", 1.0, math.sqrt(0.1), 0.1),
        ("constant", 1.0, 1.0, 1.0),
    ],
)
def test_schedules_at_the_start_half_way_and_at_the_end(schedule: str, start: float, half: float, end: float) -> None:
    training = dataclasses.replace(
        TrainingSpec(), schedule=schedule, phase_1_steps=1000, learning_rate=2e-3, final_learning_rate=0.1
    )
    shares = {step: learning_rate(training, step) / 2e-3 for step in (1, 251, 501, 1001, 5000)}
    assert [shares[step] for step in (1, 501, 1001, 5000)] == pytest.approx([start, half, end, end])
    quarter = {"linear": 0.775, "cosine": 0.1 + 0.9 * (1 + math.sqrt(0.5)) / 2, "exponential": 0.1**0.25}
    assert shares[251] == pytest.approx(quarter.get(schedule, 1.0))


def test_dropout_leaves_out_whole_dimensions_and_keeps_the_mean() -> None:
    torch.manual_seed(0)
    latent = torch.ones(200, 50, 4)
    found = perturbed(latent, dataclasses.replace(TrainingSpec(), latent_dropout=0.25))
    assert torch.equal(found.amin(-1), found.amax(-1)), "a dimension is out for the whole crop"
    assert sorted(set(found.flatten().tolist())) == pytest.approx([0, 4 / 3])
    assert float((found == 0).float().mean()) == pytest.approx(0.25, abs=4 * math.sqrt(0.25 * 0.75 / 10_000))


def test_jitter_has_its_standard_deviation_and_dropout_zeroes_it_too() -> None:
    torch.manual_seed(0)
    latent = torch.zeros(100, 20, 50)
    found = perturbed(latent, dataclasses.replace(TrainingSpec(), latent_jitter=0.3))
    assert float(found.std()) == pytest.approx(0.3, rel=0.01)
    assert float(found.mean()) == pytest.approx(0, abs=0.005)
    both = perturbed(latent, dataclasses.replace(TrainingSpec(), latent_jitter=0.3, latent_dropout=0.5))
    assert float((both == 0).float().mean()) == pytest.approx(0.5, abs=0.05)


def test_without_them_nothing_is_drawn() -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    latent = torch.randn(1, 2, 3, generator=torch.Generator().manual_seed(1))
    assert perturbed(latent, TrainingSpec()) is latent
    assert torch.equal(torch.get_rng_state(), before)


def test_validation_hears_neither(workspace: Workspace) -> None:
    found = []
    for name, knobs in {"plain": {}, "both": {"latent_dropout": "0.5", "latent_jitter": "1"}}.items():
        run = small_run(workspace, name, **knobs)
        run.attempt(1).path.mkdir()
        session = Session(run, CONFIG, Event())
        row = validate(session.state, session.dataset, lambda: False)
        assert row is not None
        found.append(row["validation"]["validation"])
        session.batches.close()
        session.close()
    assert found[0] == found[1]
