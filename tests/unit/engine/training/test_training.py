"""Training whole, in this process: what it leaves in its folder, and that a resumed run is the same run."""

from pathlib import Path
from threading import Event

import numpy as np
import pytest
from torch import Tensor

from ravetui.engine.train import train
from ravetui.engine.training.session import Session
from ravetui.runs import control
from ravetui.runs.checkpoints import list_checkpoints, verify
from ravetui.runs.events import read_events
from ravetui.runs.samples import list_samples, sampled_steps
from tests.trainer import CONFIG, ask_after, attempt, history, weights
from tests.workspaces import small_run, small_workspace


def test_a_run_goes_through_both_phases_and_leaves_everything(tmp_path: Path) -> None:
    run = small_run(small_workspace(tmp_path), "whole")
    assert attempt(run) == "finished"

    steps = history(run).records("steps")
    assert steps["step"].tolist() == list(range(1, 21))
    assert steps["phase"].tolist() == [1.0] * 12 + [2.0] * 8
    assert history(run).series("validation").step.tolist() == [5, 10, 15, 20]
    reconstructed = history(run).series("fullband_spectral_distance").step.tolist()
    criticised = history(run).series("loss_dis").step.tolist()
    assert reconstructed == [*range(1, 13), 14, 16, 18, 20]
    assert criticised == [13, 15, 17, 19]
    assert history(run).series("feature_matching").step.tolist() == [14, 16, 18, 20]

    assert [(e.fields["phase"], e.fields["step"]) for e in read_events(run.events) if e.kind == "phase"] == [(2, 12)]
    checkpoints = list_checkpoints(run)
    assert checkpoints[0].step == 20
    assert 12 in [item.step for item in checkpoints], "the end of phase 1 is kept"
    for checkpoint in checkpoints:
        verify(checkpoint)
    assert sampled_steps(run) == [20, 15, 10, 5]
    for sample in list_samples(run, 20):
        assert sample.original.is_file()
        assert sample.reconstruction.is_file()


def test_the_frozen_encoder_does_not_change_in_phase_2(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    run = small_run(small_workspace(tmp_path), "frozen")
    attempt(run)
    by_step = {item.step: load_file(item.path / "model.safetensors") for item in list_checkpoints(run)}
    before, after = by_step[12], by_step[20]
    encoder = [name for name in before if name.startswith("encoder.")]
    assert any("running_mean" in name for name in encoder)
    for name in encoder:
        np.testing.assert_array_equal(before[name], after[name], err_msg=name)
    generator = [name for name in before if name.startswith("generator.")]
    assert any(not np.array_equal(before[name], after[name]) for name in generator)


@pytest.mark.parametrize("stops", [[3], [7, 14], [12]], ids=["phase 1", "one in each phase", "at the transition"])
def test_a_stopped_and_resumed_run_ends_with_the_same_bits(tmp_path: Path, stops: list[int]) -> None:
    workspace = small_workspace(tmp_path)
    whole, parts = small_run(workspace, "whole"), small_run(workspace, "parts")
    attempt(whole)
    for step in stops:
        assert attempt(parts, stop_after=step) == "stopped"
        assert list_checkpoints(parts)[0].step == step
    assert attempt(parts) == "finished"
    assert weights(parts) == weights(whole)

    for tag in ("loss", "loss_dis", "validation"):
        one, two = history(whole).series(tag), history(parts).series(tag)
        np.testing.assert_array_equal(one.step, two.step)
        np.testing.assert_array_equal(one.value, two.value)


def test_going_adversarial_by_hand_is_remembered_by_a_resumed_run(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    run = small_run(workspace, "by-hand")
    run.attempt(1).path.mkdir()
    session = Session(run, CONFIG, Event())
    ask_after(session, 7, "phase")
    do = session.step

    def dying(batch: Tensor, data_seconds: float) -> None:
        do(batch, data_seconds)
        if session.state.step == 9:
            raise KeyboardInterrupt

    session.step = dying  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        train(session)
    session.close()
    for checkpoint in list_checkpoints(run):
        if checkpoint.step > 5:
            for name in checkpoint.files:
                (checkpoint.path / name).write_bytes(b"damaged")

    assert attempt(run) == "finished"
    phases = [(e.attempt, e.fields["step"]) for e in read_events(run.events) if e.kind == "phase"]
    assert phases == [(1, 7), (2, 7)], "the second attempt resumed at step 5 and switched at the same step"
    assert history(run).records("steps")["phase"].tolist() == [1.0] * 7 + [2.0] * 13
    warned = [e.fields["reason"] for e in read_events(run.events) if e.kind == "warned"]
    assert len(warned) == 1
    assert "step-000000007" in warned[0]


def test_a_request_that_is_taken_back_in_time_changes_nothing(tmp_path: Path) -> None:
    run = small_run(small_workspace(tmp_path), "undone")
    run.attempt(1).path.mkdir()
    session = Session(run, CONFIG, Event())
    control.request(run, "phase")
    save = session.save_or_warn

    def slow_save() -> None:
        save()
        control.withdraw(run, "phase")

    session.save_or_warn = slow_save  # type: ignore[method-assign]
    session.begin_adversarial(asked=True)
    session.close()
    assert session.state.phase == 1
    assert not [event for event in read_events(run.events) if event.kind == "phase"]


def test_another_dataset_under_the_same_name_is_refused(tmp_path: Path) -> None:
    import shutil

    from ravetui.config import DataSettings
    from ravetui.engine.data.prepare import prepare
    from ravetui.errors import DataError
    from tests.workspaces import write_tones

    workspace = small_workspace(tmp_path)
    run = small_run(workspace, "moved")
    shutil.rmtree(workspace.dataset_path("tones"))
    write_tones(tmp_path / "other", files=3, seconds=4.0)
    settings = DataSettings(validation_fraction=0.3, join_seconds=2.0)
    prepare(workspace.dataset_path("tones"), [tmp_path / "other"], settings, lambda _done, _note: None)
    with pytest.raises(DataError, match="its content has changed"):
        attempt(run)
