"""After a restart of the machine: what was running goes on, and nothing else."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ravetui.engine.launch import queueing
from ravetui.engine.launch.lost import lost_runs, start_lost
from ravetui.engine.launch.start import launch
from ravetui.engine.launch.stop import wait_for
from ravetui.runs.folder import RunFolder
from ravetui.runs.queue import QueueFolder
from ravetui.runs.record import ExitRecord, ProcRecord, write_exit, write_proc
from ravetui.runs.state import RunState, run_status
from ravetui.runs.workspace import Workspace
from tests.stand_in import PAUSE, end_run, no_longer_live, proc_of, python, until_logged
from tests.workspaces import small_run, small_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = small_workspace(tmp_path / "ws")
    yield made
    for run in made.run_folders():
        end_run(run)


def went_down(run: RunFolder, started: float) -> RunFolder:
    """As a restart leaves a run: a process of an earlier boot, and no word of its end."""
    run.attempt(1).path.mkdir(parents=True)
    write_proc(run.attempt(1), ProcRecord(4711, "an earlier boot", 5, 4710, "here", started, ["train"]))
    return run


def ended(run: RunFolder, outcome: str, *, by_system: bool) -> RunFolder:
    write_exit(went_down(run, 1.0).attempt(1), ExitRecord(outcome, "because", 0, None, 2.0, [], by_system))
    return run


def test_only_what_went_down_is_lost(workspace: Workspace) -> None:
    second = went_down(small_run(workspace, "a-second"), 200.0)
    first = went_down(small_run(workspace, "b-first"), 100.0)
    small_run(workspace, "never-started")
    ended(small_run(workspace, "stopped"), "stopped", by_system=False)
    ended(small_run(workspace, "failed"), "failed", by_system=False)
    shutdown = ended(small_run(workspace, "shutdown"), "stopped", by_system=True)
    assert run_status(first).reason == "the machine was restarted while it ran"
    assert [run.name for run in lost_runs(workspace)] == [shutdown.name, first.name, second.name]


def test_lost_runs_go_on_in_their_order_before_those_that_waited(workspace: Workspace) -> None:
    blocker = small_run(workspace, "blocker")
    launch(blocker, python(PAUSE))
    until_logged(blocker, "ready")
    queueing.enqueue(workspace, small_run(workspace, "waited"))
    for name, started in (("late", 300.0), ("early", 100.0)):
        went_down(small_run(workspace, name), started)
    answers = start_lost(workspace)
    assert [(item.run, item.failed) for item in answers] == [("early", False), ("late", False)]
    assert [entry.run for entry in QueueFolder(workspace.queue).read().entries] == ["early", "late", "waited"]
    assert start_lost(workspace) == [], "asked twice, they wait already"
    os.kill(proc_of(blocker).pid, signal.SIGKILL)
    for name in ("early", "late", "waited"):
        assert wait_for(workspace.run(name), lambda state: not state.goes_on, 120).state is RunState.FINISHED
    assert [len(workspace.run(name).attempt_folders()) for name in ("early", "late", "waited")] == [2, 2, 1]


def test_a_run_that_cannot_go_on_hides_no_other(workspace: Workspace) -> None:
    went_down(small_run(workspace, "bad"), 1.0).spec_path.write_text("nothing")
    good = went_down(small_run(workspace, "good"), 2.0)
    answers = {item.run: item for item in start_lost(workspace)}
    assert answers["bad"].failed
    assert "bad was not resumed: " in answers["bad"].said
    assert answers["good"].said == "good starts."
    no_longer_live(good)
