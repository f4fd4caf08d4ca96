"""Runs that stop by a rule of their own, and what a resumed attempt makes of the rule."""

from pathlib import Path
from threading import Event as Stop

import pytest

from ravetui.engine.fork import fork_run, plan_fork
from ravetui.engine.launch.start import start_run
from ravetui.engine.launch.stop import wait_for
from ravetui.engine.train import train
from ravetui.engine.training.session import Session
from ravetui.errors import ConfigError
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.events import Event, read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.state import RunState
from tests.trainer import CONFIG, attempt, weights
from tests.workspaces import small_run, small_workspace


def last(run: RunFolder) -> Event:
    return read_events(run.events)[-1]


@pytest.mark.parametrize(
    ("rule", "step", "name"),
    [
        ("first validation", 5, "first validation"),
        ("step 7", 7, "step"),
        ("epoch 0.25", 6, "step"),
        ("0.001 s", 1, "time"),
    ],
)
def test_a_run_saves_and_stops_when_its_rule_comes_true(tmp_path: Path, rule: str, step: int, name: str) -> None:
    run = small_run(small_workspace(tmp_path), "ruled", stop_after=rule)
    assert attempt(run) == "stopped"
    assert list_checkpoints(run)[0].step == step
    assert last(run).kind == "stopped"
    assert last(run).fields == {
        "step": step,
        "rule": name,
        "reason": f"stopped at step {step}, saved: stop_after = {rule}",
    }


@pytest.mark.parametrize("rule", ["first validation", "step 7", "epoch 0.25"])
def test_a_resumed_run_goes_past_a_rule_that_is_over_and_makes_the_same_bits(tmp_path: Path, rule: str) -> None:
    workspace = small_workspace(tmp_path)
    run, whole = small_run(workspace, "ruled", stop_after=rule), small_run(workspace, "whole")
    assert attempt(run) == "stopped"
    assert attempt(run) == "finished"
    attempt(whole)
    assert weights(run) == weights(whole)


def test_a_time_is_that_of_each_attempt(tmp_path: Path) -> None:
    run = small_run(small_workspace(tmp_path), "timed", stop_after="0.001 s")
    assert [attempt(run) for _ in range(3)] == ["stopped"] * 3
    assert list_checkpoints(run)[0].step == 3


def test_patience_ends_a_run_that_does_not_improve_and_is_counted_anew_when_resumed(tmp_path: Path) -> None:
    still = {"learning_rate": "1e-12", "discriminator_learning_rate": "1e-12", "phase_mangle": "0"}
    lengths = {"phase_1": "60", "total": "80", "validate_every": "2"}
    run = small_run(small_workspace(tmp_path), "flat", patience="3 validations", **still, **lengths)
    assert attempt(run) == "stopped"
    assert last(run).fields["rule"] == "patience"
    assert "none of the last 3 validations was better" in last(run).fields["reason"]
    first = list_checkpoints(run)[0].step
    assert attempt(run) == "stopped"
    assert list_checkpoints(run)[0].step >= first + 6, "three more validations"


@pytest.mark.parametrize("phase_1", ["60", "2"], ids=["phase 1", "phase 2"])
@pytest.mark.parametrize("cut", ["before its validation", "in its validation", "before it could say so"])
def test_interrupted_anywhere_a_run_with_patience_ends_at_the_same_step(tmp_path: Path, cut: str, phase_1: str) -> None:
    still = {"learning_rate": "1e-12", "discriminator_learning_rate": "1e-12", "phase_mangle": "0"}
    knobs = {**still, "phase_1": phase_1, "total": "80", "validate_every": "2", "patience": "2 validations"}
    workspace = small_workspace(tmp_path)
    whole, parts = small_run(workspace, "whole", **knobs), small_run(workspace, "parts", **knobs)
    assert attempt(whole) == "stopped"
    end = list_checkpoints(whole)[0].step
    if cut == "before it could say so":
        parts.attempt(1).path.mkdir()
        session = Session(parts, CONFIG, Stop())
        assert train(session) == "stopped"
        session.close()
    else:
        # The request is there before the validation of its step, which is then given up.
        assert attempt(parts, stop_after=end - (cut == "before its validation")) == "stopped"
        assert "rule" not in last(parts).fields
    assert attempt(parts) == "stopped"
    assert (last(parts).fields["step"], last(parts).fields["rule"]) == (end, "patience")
    assert last(parts).fields == last(whole).fields
    assert weights(parts) == weights(whole)
    assert attempt(parts, stop_after=end + 1) == "stopped", "and the one after goes on"


def test_a_rule_that_comes_true_with_the_last_step_lets_the_run_finish(tmp_path: Path) -> None:
    run = small_run(small_workspace(tmp_path), "end", stop_after="step 20")
    assert attempt(run) == "finished"
    assert last(run).fields["reason"] == "finished at step 20"


def test_a_fork_knows_only_its_own_first_validation_and_no_step_that_is_over(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    run = small_run(workspace, "ruled", stop_after="first validation")
    attempt(run)
    fork = fork_run(workspace, "fork", plan_fork(run, "5", {}))
    assert attempt(fork) == "stopped"
    assert last(fork).fields["step"] == 10
    other = fork_run(workspace, "other", plan_fork(run, "5", {"stop_after": "step 4"}))
    assert attempt(other) == "finished"


def test_the_reason_of_a_supervised_run_names_the_rule(tmp_path: Path) -> None:
    run = small_run(small_workspace(tmp_path), "ruled", stop_after="first validation")
    start_run(run)
    status = wait_for(run, lambda state: not state.is_live, 120)
    assert status.state is RunState.STOPPED
    assert status.sentence == "stopped at step 5, saved: stop_after = first validation"


def test_a_rule_that_cannot_be_read_makes_no_run(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    with pytest.raises(ConfigError, match="stop_after = 'soon' is not a rule"):
        small_run(workspace, "never", stop_after="soon")
    with pytest.raises(ConfigError, match="patience = '1 h'"):
        small_run(workspace, "never", patience="1 h")
    assert workspace.run_folders() == []
