from dataclasses import replace
from pathlib import Path

import pytest

from ravetui.app.applicable import Situation, why_not
from ravetui.app.reader import WorkspaceReader
from ravetui.app.snapshot import Gaze, RunRow
from tests.run_maker import MadeRun, workspace_in


def situation(made: MadeRun, folder: Path) -> Situation:
    """What is selected when the cursors are on the first rows."""
    from ravetui.runs.workspace import Workspace

    snapshot = WorkspaceReader(Workspace(folder)).look(Gaze(made.folder.name))
    detail = snapshot.detail
    assert detail is not None
    step = detail.steps[0] if detail.steps else None
    return Situation(snapshot.run(made.folder.name), step, detail.samples[0] if detail.samples else None)


def test_without_a_run_there_is_nothing_to_do_but_to_make_one() -> None:
    assert "n makes one" in why_not("start", Situation())
    assert "ravetui data prepare" in why_not("new", Situation())
    assert why_not("new", Situation(datasets=("graz",))) == ""
    assert why_not("help", Situation()) == ""


def test_a_run_that_trains_can_be_stopped_but_not_started(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path, dataset=False), "a").begin(live=True).train(10)
    here = situation(made, tmp_path)
    assert "trains already" in why_not("start", here)
    assert why_not("stop", here) == why_not("phase", here) == ""
    made.release()


def test_a_stopped_run_can_be_started_but_not_stopped(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path, dataset=False), "a").begin().train(10)
    made.end("stopped", "asked")
    here = situation(made, tmp_path)
    assert why_not("start", here) == ""
    assert "does not train" in why_not("stop", here)
    assert "no sample" in why_not("play", here)
    assert "no checkpoint" in why_not("score", here)


def test_phase_2_begins_once(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path, dataset=False), "a").begin(live=True).train(10)
    made.go_adversarial()
    made.train(5)
    assert "in phase 2 already" in why_not("phase", situation(made, tmp_path))
    made.release()


def test_a_checkpoint_is_scored_while_it_has_weights_and_a_scoring_can_be_asked_for_again(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path, dataset=False), "a").begin(live=True).train(10)
    made.validate()
    assert why_not("score", situation(made, tmp_path)) == ""
    made.scoring(10, 0.4)
    assert why_not("score", situation(made, tmp_path)) == "", "again: it asks, then cancels"
    made.train(5)
    made.validate(save=False)
    here = situation(made, tmp_path)
    assert "deleted" in why_not("score", here)
    assert here.step is not None
    assert "* takes a mark off" in why_not("score", replace(here, marked=(here.step,)))
    made.release()


def test_scores_are_shown_once_there_are_some(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path, dataset=False), "a").begin().train(10)
    assert "no checkpoint" in why_not("scores", situation(made, tmp_path))
    made.validate()
    here = situation(made, tmp_path)
    assert "e scores" in why_not("scores", here)
    assert why_not("mark", here) == ""
    assert why_not("scores", replace(here, is_scored=True)) == ""
    made.release()


@pytest.mark.parametrize("action", ["start", "stop", "phase", "play", "score", "note", "log_axis"])
def test_a_damaged_run_gives_its_own_reason(action: str) -> None:
    row = RunRow("a", None, "a/spec.toml cannot be read.")
    assert why_not(action, Situation(run=row)) == "a/spec.toml cannot be read."
