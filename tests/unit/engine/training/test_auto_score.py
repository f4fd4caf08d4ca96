"""Scoring by itself: really trained, really scored, and training is none the worse for it."""

from pathlib import Path

import pytest

from ravetui.engine.launch.start import start_run
from ravetui.engine.launch.stop import wait_for
from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.jobs import Job, list_jobs
from ravetui.runs.scores import list_scores
from ravetui.runs.state import RunState
from ravetui.runs.turn import turn
from ravetui.runs.workspace import Workspace
from tests.stand_in import until
from tests.workspaces import small_run, small_workspace


def workspace_with(root: Path, setting: str) -> Workspace:
    """A workspace whose runs are scored by themselves."""
    small_workspace(root)
    config = root / "config.toml"
    text = config.read_text().replace('auto_score = "off"', f'auto_score = "{setting}"')
    config.write_text(text.replace("seconds = 120.0", "seconds = 12.0"))
    return Workspace(root)


def trained(workspace: Workspace) -> RunFolder:
    """A run, as it is when it has just finished."""
    run = small_run(workspace, "one")
    start_run(run)
    assert wait_for(run, lambda state: not state.is_live, 120).state is RunState.FINISHED
    return run


def reasons(run: RunFolder) -> list[str]:
    return [str(event.fields["reason"]) for event in read_events(run.events) if event.kind == "warned"]


def job_of(run: RunFolder) -> Job:
    (job,) = list_jobs(run)
    return job


def test_the_last_validation_is_scored_although_the_run_has_ended(tmp_path: Path) -> None:
    run = trained(workspace_with(tmp_path, "every 4 validations"))
    until(lambda: not job_of(run).status.state.is_live, "the end of the scoring")
    assert job_of(run).status.state is RunState.FINISHED, job_of(run).status.reason
    assert [item.checkpoint for item in list_scores(run)] == [20]
    assert not reasons(run)


def test_never_two_at_once_and_what_is_left_out_is_said(tmp_path: Path) -> None:
    workspace = workspace_with(tmp_path, "every 1 validation")
    with turn(workspace.scoring, "somebody else", lambda _name: None):
        run = trained(workspace)
        said = [reason for reason in reasons(run) if "not scored by itself" in reason]
        assert len(said) >= 2
        assert all("the scoring of step 5 is still at work" in reason for reason in said)
        assert job_of(run).note == "waits for somebody else"
    until(lambda: not job_of(run).status.state.is_live, "the end of the scoring")


@pytest.mark.parametrize("setting", ["sometimes", "every two validations"])
def test_a_setting_that_means_nothing_is_said_and_training_goes_on(tmp_path: Path, setting: str) -> None:
    run = trained(workspace_with(tmp_path, setting))
    assert any(setting in reason and "every 10 validations" in reason for reason in reasons(run))
    assert not list_jobs(run)
