"""NaN and infinity: named within the step, rolled back, their data left out, never saved, and not for ever."""

from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import load_file
from torch import Tensor

from ravetui.engine.data.crops import CropSampler
from ravetui.engine.fork import fork_run, plan_fork
from ravetui.engine.launch.start import start_run
from ravetui.engine.launch.stop import wait_for
from ravetui.engine.train import train
from ravetui.engine.training.batches import Batches
from ravetui.engine.training.session import Session
from ravetui.errors import RunError
from ravetui.runs import control
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.events import append_event, read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.state import RunState
from ravetui.runs.workspace import Workspace
from tests.trainer import CONFIG, attempt, history, weights
from tests.workspaces import small_run, small_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return small_workspace(tmp_path)


def poison(monkeypatch: pytest.MonkeyPatch, *windows: int) -> None:
    """Let windows of the data hold NaN."""
    draw = CropSampler.batch

    def batch(self: CropSampler, step: int) -> NDArray[np.float32]:
        return draw(self, step) * np.float32(np.nan if step in windows else 1)

    monkeypatch.setattr(CropSampler, "batch", batch)


def session_of(run: RunFolder) -> Session:
    run.attempt(len(run.attempt_folders()) + 1).path.mkdir()
    return Session(run, CONFIG, Event())


def skips(run: RunFolder) -> list[tuple[int, int, str]]:
    found = [event.fields for event in read_events(run.events) if event.kind == "skipped"]
    return [(fields["step"], fields["window"], fields["tensor"]) for fields in found]


def without(workspace: Workspace, name: str, *windows: int) -> RunFolder:
    """A run that has never known these windows, trained to its end."""
    run = small_run(workspace, name)
    for window in windows:
        append_event(run.events, "skipped", window=window, step=window + 1, tensor="known")
    assert attempt(run) == "finished"
    return run


@pytest.mark.parametrize("windows", [(7,), (1,), (13,), (6, 7, 16)], ids=["middle", "first steps", "phase 2", "three"])
def test_a_run_rolls_back_and_is_then_as_if_the_data_had_never_been_there(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, windows: tuple[int, ...]
) -> None:
    clean = without(workspace, "clean", *windows)
    poison(monkeypatch, *windows)
    run = small_run(workspace, "poisoned")
    assert attempt(run) == "finished"
    assert [(window, tensor) for _, window, tensor in skips(run)] == [(window, "the batch") for window in windows]
    assert weights(run) == weights(clean)
    steps = history(run).records("steps")
    assert steps["step"].tolist() == list(range(1, 21)), "the journal has each step once"
    assert steps["phase"].tolist() == [1.0] * 12 + [2.0] * 8
    for tag in ("loss", "loss_dis", "validation"):
        ours, theirs = history(run).series(tag), history(clean).series(tag)
        np.testing.assert_array_equal(ours.step, theirs.step)
        np.testing.assert_array_equal(ours.value, theirs.value)


def test_a_resumed_run_and_a_fork_leave_out_the_same(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    clean = without(workspace, "clean", 7)
    poison(monkeypatch, 7)
    run = small_run(workspace, "parts")
    assert attempt(run, stop_after=9) == "stopped"
    fork = fork_run(workspace, "fork", plan_fork(run, "9", {}))
    assert attempt(run) == "finished"
    assert attempt(fork) == "finished"
    assert skips(run) == skips(fork) == [(8, 7, "the batch")]
    assert weights(run) == weights(fork) == weights(clean)


def test_a_gradient_is_named_within_its_step(workspace: Workspace) -> None:
    run = small_run(workspace, "gradient")
    session = session_of(run)
    name, parameter = next(session.state.rave.generator.named_parameters())
    calls: list[int] = []

    def spoil(gradient: Tensor) -> Tensor:
        calls.append(session.state.step + 1)
        return gradient * (torch.inf if len(calls) == 7 else 1)

    parameter.register_hook(spoil)  # type: ignore[no-untyped-call]
    session.end(train(session))
    assert skips(run) == [(7, 6, f"the gradient of rave.generator.{name}")]
    assert read_events(run.events)[-1].kind == "finished"


def test_what_is_not_finite_is_never_saved(workspace: Workspace) -> None:
    run = small_run(workspace, "unsaved")
    session = session_of(run)
    do = session.step
    spoiled: list[int] = []
    weight = next(session.state.discriminator.parameters())

    def stepping(batch: Tensor, data_seconds: float) -> None:
        do(batch, data_seconds)
        if session.state.step == 7 and not spoiled:
            spoiled.append(7)
            with torch.no_grad():
                weight[0] = torch.nan
            control.request(run, "save")

    session.step = stepping  # type: ignore[method-assign]
    session.end(train(session))
    (found,) = skips(run)
    assert found[:2] == (8, 7), "the request to save is obeyed with the next step"
    assert found[2].startswith("discriminator.")
    for checkpoint in list_checkpoints(run):
        for file in checkpoint.files:
            for name, tensor in load_file(checkpoint.path / file).items():
                assert np.isfinite(tensor).all(), (checkpoint.step, name)


def test_a_run_that_cannot_go_on_fails_with_a_sentence(workspace: Workspace) -> None:
    run = small_run(workspace, "hot", learning_rate="1e30", max_rollbacks="2")
    with pytest.raises(RunError, match=r"\w+ became NaN or infinite at step \d+, after 2 rollbacks in this attempt"):
        attempt(run)
    assert len(skips(run)) == 2
    assert not list_checkpoints(run)


def test_the_reason_of_a_supervised_run_names_the_tensor(workspace: Workspace) -> None:
    run = small_run(workspace, "hot", learning_rate="1e30", max_rollbacks="1")
    start_run(run)
    status = wait_for(run, lambda state: not state.is_live, 120)
    assert status.state is RunState.FAILED
    assert "became NaN or infinite at step 2, after 1 rollbacks" in status.reason
    assert "learning_rate" in status.reason


@given(st.lists(st.integers(0, 30), max_size=8), st.integers(0, 30))
def test_skipping_takes_windows_out_of_the_row(skipped: list[int], step: int) -> None:
    left = [window for window in range(100) if window not in skipped]
    assert Batches(None, skipped).window(step) == left[step]  # type: ignore[arg-type]
