"""The end of a run whose second phase nobody has timed."""

from dataclasses import replace
from pathlib import Path

import pytest

from ravetui.runs.estimate import all_summaries, with_estimate, with_estimates
from ravetui.runs.folder import RunFolder
from ravetui.runs.model_spec import ModelSpec
from ravetui.runs.summary import summarise
from ravetui.runs.workspace import Workspace
from tests.run_maker import STEP_SECONDS, MadeRun, workspace_in


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """``old`` has been through both phases; ``new`` is in its first."""
    made = workspace_in(tmp_path / "ws", dataset=False)
    old = MadeRun(made, "old", phase_1_steps=100, total_steps=300).begin()
    old.train(100)
    old.go_adversarial()
    old.train(150)
    old.end("stopped", "stopped")
    new = MadeRun(made, "new", "2026-02-02T00:00:00+00:00", phase_1_steps=100, total_steps=300).begin()
    new.train(50)
    return made


def nobody(folder: RunFolder, error: Exception) -> None:
    """No run here is damaged."""
    raise error


def test_another_run_of_the_same_shape_gives_the_end(workspace: Workspace) -> None:
    new = next(item for item in all_summaries(workspace, nobody) if item.name == "new")
    assert new.progress.estimated_from == "old"
    assert new.progress.eta_s == pytest.approx(250 * STEP_SECONDS, rel=0.1)
    assert new.as_dict()["eta_estimated_from"] == ""  # nothing trains: there is no end to wait for


def test_one_run_that_trains_is_estimated_like_in_the_list(workspace: Workspace) -> None:
    run = MadeRun(workspace, "live", "2026-03-03T00:00:00+00:00", phase_1_steps=100, total_steps=300).begin(live=True)
    run.train(50)
    listed = next(item for item in all_summaries(workspace, nobody) if item.name == "live")
    shown = with_estimate(workspace, summarise(run.folder))
    run.release()
    assert shown.progress == listed.progress
    assert shown.as_dict()["eta_estimated_from"] == "old"


def test_another_shape_gives_none(workspace: Workspace) -> None:
    summaries = all_summaries(workspace, nobody)
    wide = ModelSpec(capacity=99)
    other = [replace(item, spec=replace(item.spec, model=wide)) if item.name == "old" else item for item in summaries]
    bare = [replace(item, progress=replace(item.progress, eta_s=None, estimated_from="")) for item in other]
    new = next(item for item in with_estimates(bare) if item.name == "new")
    assert new.progress.eta_s is None
    assert new.progress.estimated_from == ""


def test_a_run_that_knows_its_own_pace_is_not_estimated(workspace: Workspace) -> None:
    old = next(item for item in all_summaries(workspace, nobody) if item.name == "old")
    assert old.progress.estimated_from == ""
    assert old.progress.eta_s == pytest.approx(50 * STEP_SECONDS, rel=0.1)
