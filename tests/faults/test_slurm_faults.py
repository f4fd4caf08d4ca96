"""What a cluster does to a run: limits, preemption, broken nodes, a controller that is gone or has forgotten."""

import os
import signal
import time
from contextlib import suppress

import psutil
import pytest

from ravetui.engine.launch.start import start_run
from ravetui.engine.launch.stop import stop_run
from ravetui.errors import RunError
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.folder import RunFolder
from ravetui.runs.process import identify
from ravetui.runs.record import read_exit, read_proc
from ravetui.runs.slurm import queue
from ravetui.runs.state import RunState, run_status
from ravetui.runs.workspace import Workspace
from tests.faults.counts import count, times
from tests.slurm import NODES, Slurm, require_slurm, running_slurm, slurm
from tests.slurm_runs import (
    LONG,
    assert_as_if_uninterrupted,
    clean,
    config_in,
    job_of,
    last_step,
    resumed_at,
    slurm_workspace,
    submitted,
    until,
    until_state,
    until_step,
    whole_only,
)
from tests.workspaces import small_run

__all__ = ["clean", "slurm"]

FAULT = "SLURM: {}"
TIMES = times(3, 1)


@pytest.fixture(scope="module")
def workspace(slurm: Slurm, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """One whose runs are submitted."""
    return slurm_workspace(tmp_path_factory.mktemp("runs"))


def resumes_well(workspace: Workspace, run: RunFolder, saved: int) -> None:
    """Wait for the second attempt; it goes on after the step that was saved, as if nothing had been."""
    until_step(run, saved + 10)
    until(lambda: run_status(run).state is RunState.RUNNING, run, "it trains again")
    assert resumed_at(run) == [0, saved]
    assert_as_if_uninterrupted(workspace, run, **LONG)
    assert len(run.attempt_folders()) == 2


@whole_only
def test_a_real_time_limit_is_outlived(slurm: Slurm, workspace: Workspace) -> None:
    config_in(workspace, time='"1"', signal_seconds="8")
    for number in range(TIMES):
        # SLURM looks every 30 s and gives the notice when less than 8 s + 30 s are left.
        run = submitted(workspace, f"limited-{number}", **LONG)
        until_step(run, 1)
        job = run_status(run).job
        assert job is not None
        left = job.left(time.time())
        assert left is not None
        assert 0 < left < 60
        until(lambda: len(run.attempt_folders()) > 1, run, "a second life")  # noqa: B023
        first = read_exit(run.attempt(1))
        assert first is not None
        saved = int(first.reason.removeprefix("stopped at step ").partition(",")[0])
        assert first.reason == f"stopped at step {saved}, saved: the time limit of its job is near"
        resumes_well(workspace, run, saved)
    config_in(workspace, time='""', signal_seconds="180")
    count(FAULT.format("time limit"), TIMES)


@whole_only
def test_a_limit_that_leaves_no_time_to_train_ends_in_no_circle(slurm: Slurm, workspace: Workspace) -> None:
    run = submitted(workspace, "no-time", **LONG)
    for life in (1, 2):
        until(lambda: read_proc(run.attempt(life)), run, "the trainer starts")  # noqa: B023
        slurm.call("scancel", "--batch", "--signal=USR1", str(job_of(run)))
        until(lambda: read_exit(run.attempt(life)), run, "it ends")  # noqa: B023
    status = until_state(run, RunState.STOPPED)
    assert (status.attempt, last_step(run)) == (2, 0)
    assert "twice the job's time limit left no time to train" in run.events.read_text()
    count(FAULT.format("limit shorter than the start"), 1)


@whole_only
def test_an_administrators_requeue_is_resumed(slurm: Slurm, workspace: Workspace) -> None:
    for number in range(TIMES):
        run = submitted(workspace, f"requeued-{number}", **LONG)
        until_step(run, 20)
        slurm.call("scontrol", "requeue", str(job_of(run)))
        until_state(run, RunState.QUEUED)
        saved = list_checkpoints(run)[0].step
        resumes_well(workspace, run, saved)
    count(FAULT.format("requeue"), TIMES)


@whole_only
def test_a_preempted_run_resumes_when_there_is_room(slurm: Slurm, workspace: Workspace) -> None:
    for number in range(TIMES):
        run = submitted(workspace, f"preempted-{number}", **LONG)
        until_step(run, 20)
        high = ("sbatch", "--parsable", "--output=/dev/null", "--partition=high", "--nodes=2", "--wrap", "sleep 600")
        other = slurm.call(*high).stdout.strip()
        until(lambda: slurm.job_state(int(other)) == "RUNNING", run, "the other job runs")  # noqa: B023
        status = until_state(run, RunState.QUEUED)
        assert status.reason.startswith("pending: ")
        saved = list_checkpoints(run)[0].step
        slurm.call("scancel", other)
        resumes_well(workspace, run, saved)
    count(FAULT.format("preemption"), TIMES)


@whole_only
def test_a_node_that_dies_is_survived(slurm: Slurm, workspace: Workspace) -> None:
    for number in range(TIMES):
        run = submitted(workspace, f"node-died-{number}", **LONG, checkpoint_minutes="0.05")
        until(lambda: list_checkpoints(run), run, "a checkpoint")  # noqa: B023
        until(lambda: run_status(run).state is RunState.RUNNING, run, "it trains")  # noqa: B023
        job, proc = run_status(run).job, read_proc(run.attempt(1))
        assert job is not None
        assert proc is not None
        assert job.nodes in NODES
        # Everything that is on a node that loses its power, slurmstepd before it can tell anybody.
        stepd = psutil.Process(proc.supervisor_pid).ppid()
        slurm.kill(job.nodes)
        for pid in (stepd, proc.supervisor_pid, proc.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        slurm.call("scontrol", "update", f"nodename={job.nodes}", "state=down", "reason=power")
        until(lambda: run_status(run).state is RunState.QUEUED, run, "it waits again")  # noqa: B023
        assert read_exit(run.attempt(1)) is None
        saved = list_checkpoints(run)[0].step
        until_step(run, saved + 10)
        until(lambda: run_status(run).state is RunState.RUNNING, run, "it trains again")  # noqa: B023
        assert resumed_at(run) == [0, saved]
        assert_as_if_uninterrupted(workspace, run, **LONG)
        slurm.start_node(job.nodes)
    count(FAULT.format("node down"), TIMES)


@whole_only
def test_a_controller_that_is_killed_and_comes_back_is_not_noticed(slurm: Slurm, workspace: Workspace) -> None:
    for number in range(TIMES):
        run = submitted(workspace, f"outlived-{number}", **LONG)
        until_step(run, 5)
        # Its start must have been saved by the controller: it does so every 5 s.
        began = time.time()
        until(lambda: time.time() > began + 8.0, run, "the controller's state is saved")  # noqa: B023
        slurm.kill("slurmctld")
        step = last_step(run)
        until_step(run, step + 20)
        until(lambda: "SLURM does not answer" in run_status(run).reason, run, "the silence is noticed")  # noqa: B023
        assert run_status(run).state is RunState.RUNNING
        slurm.start_controller()
        until(lambda: run_status(run).reason == "training", run, "SLURM answers again")  # noqa: B023
        stop_run(run)
        reason = until_state(run, RunState.STOPPED).reason
        assert reason.startswith(f"stopped at step {list_checkpoints(run)[0].step}, saved: asked by ")
    count(FAULT.format("controller killed and back"), TIMES)


@whole_only
def test_a_controller_that_is_down_is_said_at_once(slurm: Slurm, workspace: Workspace) -> None:
    slurm.fill()
    run = submitted(workspace, "asked", **LONG)
    until(lambda: run_status(run).reason.startswith("pending: "), run, "it waits")
    slurm.kill("slurmctld")
    until(lambda: "SLURM does not answer" in run_status(run).reason, run, "the silence is noticed")
    status = run_status(run)
    assert status.state is RunState.QUEUED, "the last that is known of it"
    fresh = queue.SlurmQueue()
    began = time.monotonic()
    answer = fresh.answer("0", 0.0)
    assert time.monotonic() - began < queue.FIRST_WAIT + 2.0
    assert (answer.asked, answer.trouble) == (0.0, "SLURM has not answered yet")
    began = time.monotonic()
    assert fresh.answer("0", 0.0).trouble
    assert time.monotonic() - began < 2.0, "the second look does not wait as long"
    with pytest.raises(RunError, match="Unable to contact slurm controller"):
        stop_run(run)
    other = small_run(workspace, "unsubmitted")
    with pytest.raises(RunError, match="Unable to contact slurm controller"):
        start_run(other)
    assert run_status(other).sentence == "stopped: created, never started"
    slurm.start_controller()
    until(lambda: run_status(run).reason.startswith("pending"), run, "SLURM answers again")
    assert "cancelled" in stop_run(run)
    count(FAULT.format("controller down when asked"), 1)


@whole_only
def test_a_killed_supervisor_takes_its_trainer_along(slurm: Slurm, workspace: Workspace) -> None:
    for number in range(TIMES):
        run = submitted(workspace, f"orphan-{number}", **LONG)
        until_step(run, 5)
        proc = read_proc(run.attempt(1))
        assert proc is not None
        os.kill(proc.supervisor_pid, signal.SIGKILL)
        until(lambda: identify(proc.pid) is None, run, "the trainer is gone")  # noqa: B023
        assert until_state(run, RunState.FAILED).reason == "its job ended (failed) and no exit was recorded"
    count(FAULT.format("supervisor killed"), TIMES)


@whole_only
def test_a_purged_job_is_told_from_the_folder_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    require_slurm()
    with running_slurm(tmp_path_factory.mktemp("purge"), min_job_age=2) as slurm:
        workspace = slurm_workspace(tmp_path_factory.mktemp("purged"))
        assert "disabled" in slurm.call("sacct").stderr, "there is no accounting"
        ended = submitted(workspace, "ended")
        stopped = submitted(workspace, "stopped", **LONG)
        until_step(stopped, 5)
        slurm.call("scancel", str(job_of(stopped)))
        until_state(stopped, RunState.STOPPED)
        until_state(ended, RunState.FINISHED)
        slurm.fill()
        waiting, lost = submitted(workspace, "waiting"), submitted(workspace, "lost")
        slurm.call("scancel", str(job_of(waiting)), str(job_of(lost)))
        # As a job whose node died and that nobody requeued: an attempt without an end.
        lost.attempt(1).path.mkdir(parents=True)
        names = (ended.name, stopped.name, waiting.name, lost.name)
        until(lambda: not any(map(slurm.jobs, names)), ended, "SLURM has forgotten them")
        queue._queue.cache_clear()
        assert run_status(ended).sentence == "finished at step 20"
        assert run_status(stopped).reason.startswith("stopped at step ")
        assert run_status(waiting).sentence == f"stopped: its SLURM job {job_of(waiting)} is gone, never begun"
        assert run_status(lost).state is RunState.LOST
        slurm.clear()
        assert start_run(waiting) == 0
        assert until_state(waiting, RunState.FINISHED).attempt == 1
    count(FAULT.format("job purged, no accounting"), 1)
