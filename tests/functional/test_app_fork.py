"""From a checkpoint to a run that goes on from it, by one key and a form."""

from pathlib import Path

import pytest

from ravetui.runs.events import read_events
from ravetui.runs.spec import read_spec
from ravetui.runs.state import RunState, run_status
from tests.run_maker import MadeRun, workspace_in
from tests.screen import screen_of
from tests.trainer import attempt
from tests.workspaces import small_run, small_workspace


async def test_a_fork_of_the_selected_checkpoint_trains_to_its_end(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    attempt(small_run(workspace, "tones-001"), stop_after=10)
    async with screen_of(workspace) as seen:
        await seen.press("tab", "tab")
        await seen.see("f fork")
        await seen.press("f")
        await seen.see("tones-002", "tones-001 at step 10, phase 1", "phase 2 after step 12", "end after step 20")
        await seen.press("tab")
        await seen.paste("9 steps")
        await seen.see("phase 2 after step 10", "end after step 18")
        await seen.press("tab", "tab", "tab")
        await seen.paste("2 validations")
        await seen.see("phase 2 by plateau of 2 validations")
        await seen.press("tab", "tab")
        await seen.paste("2")
        await seen.see("patience = '2' stops the run before plateau")
        await seen.press("home", "ctrl+k")
        await seen.paste("never")
        await seen.press("tab")
        await seen.paste("beta = 0.2; capacity = 8")
        await seen.see("capacity = 8, but its weights")
        await seen.press("enter")
        await seen.see("capacity = 8, but its weights")
        await seen.press("home", "ctrl+k")
        await seen.paste("beta = 0.2; learning_rate")
        await seen.see("'learning_rate' is not a setting.")
        await seen.press("home", "ctrl+k")
        await seen.paste("beta = 0.2")
        await seen.see("end after step 18")
        await seen.press("enter")
        await seen.see("▸● tones-002")
        fork = workspace.run("tones-002")
        await seen.until(lambda: run_status(fork).state is RunState.FINISHED, "the end of the fork")
        await seen.see("step 18 of 18")
    spec = read_spec(fork.spec_path)
    assert spec.parent is not None
    assert (spec.parent.run, spec.parent.step, spec.loss.beta) == ("tones-001", 10, 0.2)
    assert [event.fields["step"] for event in read_events(fork.events) if event.kind == "phase"] == [10]


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 34)])
async def test_a_fork_in_phase_2_is_not_asked_when_it_begins(tmp_path: Path, columns: int, rows: int) -> None:
    workspace = small_workspace(tmp_path)
    attempt(small_run(workspace, "done"))
    async with screen_of(workspace, columns, rows) as seen:
        await seen.press("f")
        await seen.see("done at step 20, phase 2", "total = 20 steps are done")
        await seen.press("tab")
        await seen.paste("40 steps")
        await seen.see("end after step 40", "settings")
        assert "phase 2 after  " not in seen.text
        await seen.press("escape")
    assert [run.name for run in workspace.run_folders()] == ["done"]


async def test_without_weights_there_is_nothing_to_fork(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    made = MadeRun(workspace, "graz").begin().train(10)
    made.validate(save=False)
    made.end("stopped", "asked")
    async with screen_of(workspace) as seen:
        await seen.press("f")
        await seen.see("The weights of this step have been deleted")
