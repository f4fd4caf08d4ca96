"""Phase 2 by plateau."""

import shutil
from pathlib import Path
from threading import Event

import pytest

from ravetui.engine.train import train
from ravetui.engine.training.session import Session
from ravetui.errors import ConfigError
from ravetui.runs import control
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.workspace import Workspace
from tests.trainer import CONFIG, ask_after, attempt, history, weights
from tests.workspaces import small_run, small_workspace

FLAT = {"learning_rate": "1e-9", "validate_every": "2", "plateau": "2 validations", "checkpoint_minutes": "1000"}
"""Nothing is learned, so the first validation stays about the best; whatever the rounding does, it is not better."""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return small_workspace(tmp_path)


def phases(run: RunFolder) -> list[tuple[int, bool, str]]:
    found = [event.fields for event in read_events(run.events) if event.kind == "phase"]
    return [(fields["step"], fields["asked"], fields["reason"]) for fields in found]


def expected_step(run: RunFolder, wait: int) -> int:
    """Where a person who watches the validations of phase 1 would have gone on."""
    found = history(run).series("validation")
    best, stale = float("inf"), 0
    for step, value in zip(found.step.tolist(), found.value.tolist(), strict=True):
        best, stale = (value, 0) if value < best else (best, stale + 1)
        if stale >= wait:
            return int(step)
    raise AssertionError("it went on improving")


def test_phase_2_begins_where_validation_has_not_improved_for_so_long(workspace: Workspace) -> None:
    run = small_run(workspace, "flat", **FLAT)
    assert attempt(run) == "finished"
    ((step, asked, reason),) = phases(run)
    assert step == expected_step(run, 2) < 12
    assert (asked, reason) == (False, "none of the last 2 validations was better")


def test_at_its_step_at_the_latest(workspace: Workspace) -> None:
    run = small_run(workspace, "learns", plateau="40 validations")
    attempt(run)
    assert phases(run) == [(12, False, "phase_1 is over")]


@pytest.mark.parametrize("stop", ["before", "at"])
def test_a_resumed_run_begins_it_at_the_same_step(workspace: Workspace, stop: str) -> None:
    whole, parts = small_run(workspace, "whole", **FLAT), small_run(workspace, "parts", **FLAT)
    attempt(whole)
    boundary = phases(whole)[0][0]
    attempt(parts, stop_after=boundary - (1 if stop == "before" else 0))
    attempt(parts)
    assert {step for step, _, _ in phases(parts)} == {boundary}
    assert weights(parts) == weights(whole)


def test_an_attempt_that_resumes_from_before_it_begins_it_there_too(workspace: Workspace) -> None:
    """Even if it could not see a plateau any more: the event has made it permanent."""
    run = small_run(workspace, "again", **FLAT)
    attempt(run, stop_after=14)
    boundary = phases(run)[0][0]
    for checkpoint in list_checkpoints(run):
        if checkpoint.step > 2:
            shutil.rmtree(checkpoint.path)
    attempt(run)
    assert {step for step, _, _ in phases(run)} == {boundary}


def test_by_hand_it_begins_where_it_was_asked_for(workspace: Workspace) -> None:
    run = small_run(workspace, "by-hand", **FLAT)
    run.attempt(1).path.mkdir()
    session = Session(run, CONFIG, Event())
    ask_after(session, 3, "phase")
    session.end(train(session))
    assert phases(run) == [(3, True, "asked for")]
    assert not control.pending(run)


def test_patience_that_would_stop_the_run_first_is_refused(workspace: Workspace) -> None:
    with pytest.raises(ConfigError, match=r"patience = '2' stops the run before plateau = '2 validations'"):
        small_run(workspace, "never", **FLAT, patience="2")
    with pytest.raises(ConfigError, match="plateau = 'soon' is not a number of validations"):
        small_run(workspace, "never", plateau="soon")
