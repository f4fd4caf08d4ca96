"""SIGKILL of supervisor, screen, both and all, with workers: the state is right, and a stop leaves no orphan."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ravetui.engine.launch.start import launch
from ravetui.engine.launch.stop import stop_run
from ravetui.runs.folder import RunFolder
from ravetui.runs.lock import is_held
from ravetui.runs.process import children, identify
from ravetui.runs.state import RunState, run_status
from ravetui.runs.workspace import Workspace
from tests.faults.counts import count, times
from tests.run_maker import MadeRun, workspace_in
from tests.stand_in import end_run, ended, proc_of, python, until, until_logged
from tests.terminal import RAVETUI, Terminal

FAULT = "SIGKILL of shim, TUI, both, all, with loader workers"
ROUNDS = times(5, 1)

TRAINER = """
import sys, time
from multiprocessing import get_context
from pathlib import Path
from ravetui.runs import control
from ravetui.runs.events import append_event
from ravetui.runs.folder import RunFolder

def work():
    # As a loader does: a parent that is gone is noticed at the next look.
    import os
    parent = os.getppid()
    print("worker", flush=True)
    while os.getppid() == parent:
        time.sleep(0.02)

run = RunFolder(Path(sys.argv[1]))
workers = [get_context("fork").Process(target=work, daemon=True) for _ in range(int(sys.argv[2]))]
for worker in workers:
    worker.start()
print("ready", flush=True)
while "stop" not in control.pending(run):
    time.sleep(0.01)
append_event(run.events, "stopped", attempt=run.attempt_folders()[-1].number, reason="stopped at step 7, saved")
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = workspace_in(tmp_path / "ws", dataset=False)
    yield made
    for run in made.run_folders():
        end_run(run)


def begin(workspace: Workspace, workers: int) -> tuple[RunFolder, list[int]]:
    """A trainer with its workers, and the pids of all of them."""
    run = MadeRun(workspace, "graz").folder
    launch(run, python(TRAINER, run.path, workers))
    until_logged(run, "ready")
    until_logged(run, "worker", workers)
    trainer = proc_of(run).pid
    return run, [trainer, *children(trainer)]


def gone(pids: list[int]) -> bool:
    return all(identify(pid) is None for pid in pids)


def screen(workspace: Workspace) -> Terminal:
    return Terminal([RAVETUI, "-w", str(workspace.root)])


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("victim", ["screen", "shim", "both"])
def test_the_trainer_outlives_it_and_a_stop_leaves_nobody(
    workspace: Workspace, victim: str, workers: int, round_: int
) -> None:
    run, family = begin(workspace, workers)
    assert len(family) == workers + 1
    if victim != "shim":
        with screen(workspace) as seen:
            seen.wait_for("graz · training")
            os.kill(seen.pid, signal.SIGKILL)
    if victim != "screen":
        os.kill(proc_of(run).supervisor_pid, signal.SIGKILL)
        until(lambda: not is_held(run.supervisor_lock), "the end of the supervisor")
    expected = RunState.RUNNING if victim == "screen" else RunState.UNSUPERVISED
    assert run_status(run).state is expected
    stop_run(run)
    until(lambda: not run_status(run).state.is_live, "the end of the run")
    assert (run_status(run).state, run_status(run).reason) == (RunState.STOPPED, "stopped at step 7, saved")
    until(lambda: gone(family), "the end of every process")
    count(FAULT, 1)


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize("workers", [0, 2])
def test_when_all_are_killed_the_run_is_lost_and_nobody_is_left(
    workspace: Workspace, workers: int, round_: int
) -> None:
    run, family = begin(workspace, workers)
    for pid in (proc_of(run).supervisor_pid, family[0]):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not run_status(run).state.is_live, "the end of the run")
    assert run_status(run).state is RunState.LOST
    until(lambda: gone(family), "the end of every process")
    assert launch(run, python("pass")) == 2
    ended(run)
    count(FAULT, 1)
