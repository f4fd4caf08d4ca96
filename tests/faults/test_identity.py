"""A pid that means somebody else, a restart, a jump of the clock, a halt: no run is mislabelled, no stranger hit."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ravetui.engine.launch.start import launch
from ravetui.engine.launch.stop import stop_run
from ravetui.errors import RunError
from ravetui.runs.folder import RunFolder
from ravetui.runs.lock import acquire
from ravetui.runs.process import boot_id
from ravetui.runs.record import ProcRecord, write_proc
from ravetui.runs.state import RunState, run_status
from ravetui.runs.summary import summarise
from ravetui.runs.trash import delete_run
from ravetui.runs.workspace import Workspace
from tests.faults.counts import count, times
from tests.run_maker import MadeRun, workspace_in
from tests.stand_in import PAUSE, end_run, ended, proc_of, python, until, until_logged

FAULT = "forced PID reuse; changed boot id; clock jump; SIGSTOP"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = workspace_in(tmp_path / "ws", dataset=False)
    yield made
    for run in made.run_folders():
        end_run(run)


def unsupervised(run: RunFolder) -> ProcRecord:
    """Start a trainer and take its supervisor and itself away; returns who it was."""
    launch(run, python(PAUSE))
    until_logged(run, "ready")
    record = proc_of(run)
    os.kill(record.supervisor_pid, signal.SIGKILL)
    until(lambda: run_status(run).state is RunState.UNSUPERVISED, "an unsupervised run")
    os.kill(record.pid, signal.SIGKILL)
    until(lambda: run_status(run).state is RunState.LOST, "a lost run")
    return record


@pytest.mark.parametrize("round_", range(times(20, 1)))
def test_a_process_that_got_the_pid_of_a_trainer_is_left_alone(workspace: Workspace, round_: int) -> None:
    run = MadeRun(workspace, "graz").folder
    record = unsupervised(run)
    with subprocess.Popen(python(PAUSE), stdout=subprocess.PIPE) as stranger:
        assert stranger.stdout is not None
        stranger.stdout.readline()
        # As if the kernel had given this process the pid that the trainer had.
        write_proc(run.attempt(1), ProcRecord(**{**record.__dict__, "pid": stranger.pid}))
        assert run_status(run).state is RunState.LOST, "a pid in use proves nothing"
        for now in (False, True):
            with pytest.raises(RunError, match="graz is not running"):
                stop_run(run, now=now)
        held = acquire(run.live_lock)
        assert held is not None
        assert run_status(run).state is RunState.UNSUPERVISED, "a worker that lives a moment longer"
        with pytest.raises(RunError, match="not on this machine, or has just ended"):
            stop_run(run, now=True)
        os.close(held)
        assert run_status(run).state is RunState.LOST, "the refused kill is not taken for its end"
        assert launch(run, python(PAUSE)) == 2, "and the stranger hinders nobody"
        stop_run(run, now=True)
        assert ended(run).outcome == "stopped"
        assert stranger.poll() is None
        stranger.kill()
    count(FAULT, 1)


@pytest.mark.parametrize("round_", range(times(5, 1)))
def test_a_restart_is_named_and_can_be_deleted(workspace: Workspace, round_: int) -> None:
    run = MadeRun(workspace, "graz").folder
    record = unsupervised(run)
    write_proc(run.attempt(1), ProcRecord(**{**record.__dict__, "boot_id": "0" * 36}))
    assert record.boot_id == boot_id()
    assert run_status(run).sentence == "lost: the machine was restarted while it ran"
    with pytest.raises(RunError, match="is not running"):
        stop_run(run, now=True)
    delete_run(workspace, "graz")
    assert not run.path.exists()
    count(FAULT, 1)


@pytest.mark.parametrize("round_", range(times(5, 1)))
@pytest.mark.parametrize("jump", [-86400.0, -3600.0, 3600.0, 86400.0])
def test_a_jump_of_the_clock_changes_no_state(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, round_: int, jump: float
) -> None:
    run = MadeRun(workspace, "graz").folder
    launch(run, python(PAUSE))
    until_logged(run, "ready")
    clock = time.time
    monkeypatch.setattr(time, "time", lambda: clock() + jump)
    assert run_status(run).state is RunState.RUNNING
    assert summarise(run).status.state is RunState.RUNNING
    stop_run(run, now=True)
    assert ended(run).outcome == "stopped", "the kill that was asked for is known as such"
    count(FAULT, 1)


@pytest.mark.parametrize("round_", range(times(10, 1)))
def test_a_halted_trainer_is_not_dead(workspace: Workspace, round_: int) -> None:
    run = MadeRun(workspace, "graz").folder
    launch(run, python(PAUSE))
    until_logged(run, "ready")
    pid = proc_of(run).pid
    os.kill(pid, signal.SIGSTOP)
    until(lambda: summarise(run).stall is not None, "a halted trainer")
    found = summarise(run)
    assert (found.status.state, found.status.pid) == (RunState.RUNNING, pid)
    assert found.reason == "training, halted by a signal (SIGSTOP)"
    with pytest.raises(RunError, match="graz is training already"):
        launch(run, python(PAUSE))
    with pytest.raises(RunError, match="graz trains"):
        delete_run(workspace, "graz")
    stop_run(run, now=True)
    assert ended(run).outcome == "stopped", "SIGKILL reaches a halted process too"
    count(FAULT, 1)
