"""A run that SLURM trains, on a real cluster of two nodes: from the queue to its end, and what can come between."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ravetui.engine.launch.start import start_run
from ravetui.engine.launch.stop import stop_run
from ravetui.errors import RunError
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.record import read_exit
from ravetui.runs.slurm.submission import newest_log, newest_submission
from ravetui.runs.state import RunState, run_status
from ravetui.runs.workspace import Workspace
from tests.faults.counts import count, times
from tests.slurm import Slurm, slurm
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
from tests.terminal import RAVETUI, Terminal
from tests.workspaces import small_run

__all__ = ["clean", "slurm"]

FAULT = "SLURM: {}"


@pytest.fixture(scope="module")
def workspace(slurm: Slurm, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """One whose runs are submitted, with a space in its path."""
    return slurm_workspace(tmp_path_factory.mktemp("slurm runs"))


def test_a_submitted_run_is_trained_to_its_end(slurm: Slurm, workspace: Workspace) -> None:
    for number in range(times(3, 1)):
        run = submitted(workspace, f"finished-{number}")
        with pytest.raises(RunError, match="already"):
            start_run(run)
        status = until_state(run, RunState.FINISHED)
        assert (status.sentence, status.attempt) == ("finished at step 20", 1)
        until(lambda: slurm.job_state(job_of(run)) == "COMPLETED", run, "its job is over")  # noqa: B023
        assert run_status(run).state is RunState.FINISHED
        with pytest.raises(RunError, match="is finished"):
            start_run(run)
    count(FAULT.format("submit"), times(3, 1))


def test_five_who_start_it_at_once_submit_one_job(slurm: Slurm, workspace: Workspace) -> None:
    for number in range(times(3, 1)):
        run = small_run(workspace, f"once-{number}", **LONG)
        words = [RAVETUI, "run", "start", run.name]

        def start(_: int, words: list[str] = [*words, "-w", str(workspace.root)]) -> int:  # noqa: B006
            return subprocess.run(words, capture_output=True, timeout=120, check=False).returncode

        with ThreadPoolExecutor(5) as pool:
            assert sorted(pool.map(start, range(5))) == [0, 1, 1, 1, 1]
        assert len(slurm.jobs(f"{run.name}.")) == 1
        until_step(run, 1)
        stop_run(run)
        assert until_state(run, RunState.STOPPED).reason.startswith(
            f"stopped at step {last_step(run)}, saved: asked by "
        )
        assert len(run.attempt_folders()) == 1
    count(FAULT.format("five controllers at once"), times(3, 1))


@whole_only
def test_a_submitter_killed_after_sbatch_leaves_a_run_that_trains(
    slurm: Slurm, workspace: Workspace, tmp_path: Path
) -> None:
    killer = tmp_path / "sbatch"
    killer.write_text('#!/bin/bash\nPATH="${PATH#*:}" sbatch "$@" >/dev/null\nkill -9 $PPID\n')
    killer.chmod(0o755)
    slurm.fill()
    run = small_run(workspace, "orphaned", **LONG)
    words = [f'PATH="{tmp_path}:$PATH" exec "$0" "$@"', RAVETUI, "run", "start", run.name]
    done = subprocess.run(["bash", "-c", *words, "-w", str(workspace.root)], timeout=120, check=False)
    assert done.returncode == -9
    claimed = newest_submission(run)
    assert claimed is not None
    assert claimed.job_id is None, "nobody has noted the job's id"
    status = until_state(run, RunState.QUEUED)
    assert status.job is not None
    assert status.job.name == claimed.job_name
    with pytest.raises(RunError, match="waits in SLURM already"):
        start_run(run)
    slurm.clear_others(keep=status.job.id)
    until_step(run, 1)
    assert job_of(run) == status.job.id, "the job has noted it itself"
    stop_run(run)
    until_state(run, RunState.STOPPED)
    count(FAULT.format("submitter killed"), 1)


def test_a_waiting_run_says_why_and_when_and_can_be_cancelled(slurm: Slurm, workspace: Workspace) -> None:
    for number in range(times(3, 1)):
        slurm.fill(minutes=30)
        run = submitted(workspace, f"pending-{number}")
        # SLURM says why at once, and when as soon as its backfill has looked.
        words = "queued: pending: Resources, starts about 20"
        until(lambda: run_status(run).sentence.startswith(words), run, words)  # noqa: B023
        listed = subprocess.run(
            [RAVETUI, "run", "list", "--json", "-w", str(workspace.root)],
            capture_output=True,
            timeout=60,
            check=True,
        )
        row = next(row for row in json.loads(listed.stdout) if row["run"] == run.name)
        assert row["state"] == "queued"
        assert (row["slurm"]["job"], row["slurm"]["reason"]) == (job_of(run), "Resources")
        assert row["slurm"]["starts"] > 1e9
        assert stop_run(run) == f"Job {job_of(run)} of {run.name} is cancelled."
        status = until_state(run, RunState.STOPPED)
        assert status.reason == "cancelled before it started"
        assert slurm.job_state(job_of(run)) == "CANCELLED"
        slurm.clear()
    count(FAULT.format("pending, cancelled"), times(3, 1))


@whole_only
def test_the_screen_shows_that_it_waits_then_its_job_and_its_time_left(slurm: Slurm, workspace: Workspace) -> None:
    config_in(workspace, time='"2:00:00"')
    others = slurm.fill(minutes=30)
    run = submitted(workspace, "seen", **LONG)
    config_in(workspace, time='""')
    with Terminal([RAVETUI, "-w", str(workspace.root)], columns=140) as screen:
        screen.wait_for("queued: pending: Resources, starts about 20")
        screen.wait_for("x takes it out of SLURM's queue")
        slurm.call("scancel", str(others[0]))
        screen.wait_for("seen · training")
        screen.wait_for(lambda text: f"job {job_of(run)} on n" in text and "limit in 2 h" in text)
        screen.press("x")
        screen.wait_for("Stop seen?")
        screen.press("y")
        screen.wait_for("stopped at step ")
    reason = until_state(run, RunState.STOPPED).reason
    assert reason.startswith(f"stopped at step {list_checkpoints(run)[0].step}, saved: asked by ")
    count(FAULT.format("pending and limit on the screen"), 1)


@whole_only
def test_a_cancelled_waiting_run_can_be_submitted_again(slurm: Slurm, workspace: Workspace) -> None:
    slurm.fill()
    run = submitted(workspace, "again")
    first = job_of(run)
    slurm.call("scancel", str(first))
    assert until_state(run, RunState.STOPPED).reason == "cancelled through SLURM"
    slurm.clear()
    assert start_run(run) == 0
    assert job_of(run) != first
    assert until_state(run, RunState.FINISHED).attempt == 1


@whole_only
def test_a_stop_saves_ends_the_job_and_is_not_requeued(slurm: Slurm, workspace: Workspace) -> None:
    for number in range(times(3, 1)):
        run = submitted(workspace, f"stopped-{number}", **LONG)
        until_step(run, 5)
        assert until_state(run, RunState.RUNNING).reason == "training"
        assert stop_run(run) == f"{run.name} saves after the present step and ends."
        status = until_state(run, RunState.STOPPED)
        step = list_checkpoints(run)[0].step
        assert status.reason.startswith(f"stopped at step {step}, saved: asked by ")
        assert step == last_step(run)
        until(lambda: slurm.job_state(job_of(run)) == "COMPLETED", run, "its job is over")  # noqa: B023
        assert len(run.attempt_folders()) == 1
    count(FAULT.format("graceful stop"), times(3, 1))


def test_a_job_cancelled_by_others_is_saved_and_said(slurm: Slurm, workspace: Workspace) -> None:
    for number in range(times(3, 1)):
        run = submitted(workspace, f"cancelled-{number}", **LONG)
        until_step(run, 5)
        slurm.call("scancel", str(job_of(run)))
        status = until_state(run, RunState.STOPPED)
        step = list_checkpoints(run)[0].step
        assert status.reason == f"stopped at step {step}, saved; cancelled through SLURM"
        assert slurm.job_state(job_of(run)) == "CANCELLED"
    count(FAULT.format("cancel while it runs"), times(3, 1))


@whole_only
def test_stop_now_cancels_the_job(slurm: Slurm, workspace: Workspace) -> None:
    for number in range(times(3, 1)):
        run = submitted(workspace, f"now-{number}", **LONG)
        until_step(run, 5)
        until_state(run, RunState.RUNNING)
        assert stop_run(run, now=True).startswith(f"Job {job_of(run)} of {run.name} is cancelled")
        status = until_state(run, RunState.STOPPED)
        assert status.reason.startswith("stopped at ")
        until(lambda: slurm.job_state(job_of(run)) == "CANCELLED", run, "its job is cancelled")  # noqa: B023
        assert len(run.attempt_folders()) == 1
    count(FAULT.format("stop now"), times(3, 1))


def test_a_warned_job_saves_requeues_and_resumes_with_the_same_bits(slurm: Slurm, workspace: Workspace) -> None:
    for number in range(times(3, 1)):
        run = submitted(workspace, f"warned-{number}", **LONG)
        until_step(run, 20)
        slurm.call("scancel", "--batch", "--signal=USR1", str(job_of(run)))
        until_state(run, RunState.QUEUED)
        first = read_exit(run.attempt(1))
        assert first is not None
        saved = list_checkpoints(run)[0].step
        assert first.reason == f"stopped at step {saved}, saved: the time limit of its job is near"
        until(lambda: run_status(run).reason.startswith("pending: "), run, "it waits again")  # noqa: B023
        until_step(run, saved + 10)
        assert resumed_at(run) == [0, saved]
        assert_as_if_uninterrupted(workspace, run, **LONG)
        assert len(run.attempt_folders()) == 2
    count(FAULT.format("warned of the time limit"), times(3, 1))


def test_what_slurm_refuses_is_said_in_its_words_and_leaves_nothing(slurm: Slurm, workspace: Workspace) -> None:
    for setting, value, words in (
        (
            "partition",
            '"nope"',
            "invalid partition specified: nope; Batch job submission failed",
        ),
        ("time", '"1:2:3:4"', "Invalid --time specification"),
        ("gpus", '"1"', "generic resource"),
        ("options", '"--no-such-option"', "unrecognized option"),
    ):
        config_in(workspace, **{setting: value})
        run = small_run(Workspace(workspace.root), f"refused-{setting}")
        with pytest.raises(RunError, match=words) as refused:
            start_run(run)
        assert refused.value.remedy == "The settings are in [slurm] of config.toml."
        assert run_status(run).sentence == "stopped: created, never started"
        assert slurm.jobs(f"{run.name}.") == []
        config_in(workspace, **{setting: '""'})
    count(FAULT.format("refused"), 4)


def test_the_line_of_shell_before_it_can_fail_and_the_log_says_so(slurm: Slurm, workspace: Workspace) -> None:
    config_in(workspace, setup='"module load no-such-thing || exit 3"')
    run = submitted(workspace, "no-setup")
    config_in(workspace, setup='""')
    status = until_state(run, RunState.FAILED)
    assert status.reason == "its job ended (failed) and no exit was recorded: see `ravetui run log no-setup`"
    log = newest_log(run)
    assert log is not None
    assert "module" in log.read_text()
