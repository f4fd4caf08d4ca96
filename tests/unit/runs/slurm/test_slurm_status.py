"""States that a small real cluster cannot be brought into: told by commands that print what SLURM would."""

import os
import time
from pathlib import Path

import pytest

from ravetui.runs.atomic import write_json
from ravetui.runs.events import append_event
from ravetui.runs.folder import RunFolder
from ravetui.runs.process import boot_id
from ravetui.runs.record import ExitRecord, ProcRecord, write_exit, write_proc
from ravetui.runs.slurm.job import SEPARATOR
from ravetui.runs.slurm.status import pending_words
from ravetui.runs.slurm.submission import Submission, claim, forbid
from ravetui.runs.state import RunState, run_status

NOW = time.time()
BEGAN = NOW - 600.0


class Cluster:
    """A ``squeue``, ``scontrol`` and ``sacct`` that say what a test wants them to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.says("scontrol", "ClusterName = here\n")
        self.says("squeue", "")
        self.says("sacct", "", code=1)

    def job(self, state: str, reason: str = "None", starts: float = BEGAN, name: str = "graz.k1") -> None:
        """squeue knows one job."""
        times = (str(int(starts)), str(int(NOW + 3600)), "1-00:00:00")
        self.says("squeue", SEPARATOR.join(("7", name, state, reason, *times, "n7", "gpu")) + "\n")

    def accounts(self, state: str) -> None:
        """sacct knows how it ended."""
        self.says("sacct", SEPARATOR.join(("7", "graz.k1", state, str(int(NOW)))) + "\n")

    def says(self, command: str, text: str, code: int = 0) -> None:
        """What a command prints, and its exit code."""
        (self._folder / f"{command}.txt").write_text(text)
        path = self._folder / command
        path.write_text(f'#!/bin/sh\ncat "{self._folder}/{command}.txt"\nexit {code}\n')
        path.chmod(0o755)


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    # One view of the queue a configuration: so each test has its own.
    monkeypatch.setenv("SLURM_CONF", str(folder))
    return Cluster(folder)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    (tmp_path / "graz").mkdir()
    run = RunFolder(tmp_path / "graz")
    assert claim(run, SUBMISSION)
    return run


SUBMISSION = Submission(1, "k1", "graz.k1", "here", "0", "login", 1, "", 1, NOW - 1000.0, 0, job_id=7)


def train(run: RunFolder, started: float = BEGAN + 1.0) -> None:
    run.attempt(1).path.mkdir(parents=True)
    write_proc(run.attempt(1), ProcRecord(4711, boot_id(), 1, 4710, "n7", started, ["python"], submission=1))


def end(run: RunFolder, outcome: str = "stopped", reason: str = "stopped at step 9, saved") -> None:
    write_exit(run.attempt(1), ExitRecord(outcome, reason, 0, None, NOW - 60.0, []))


@pytest.mark.parametrize(
    ("state", "expected", "reason"),
    [
        ("TIMEOUT", RunState.FAILED, "ended by SLURM at its time limit"),
        ("NODE_FAIL", RunState.FAILED, "its node failed"),
        ("OUT_OF_MEMORY", RunState.FAILED, "out of memory, says SLURM"),
        ("PREEMPTED", RunState.STOPPED, "preempted by another job"),
        ("CANCELLED", RunState.STOPPED, "cancelled through SLURM"),
        ("BOOT_FAIL", RunState.FAILED, "its node did not boot"),
        ("COMPLETED", RunState.FAILED, "its job ended (completed) and no exit was recorded"),
        ("RUNNING", RunState.RUNNING, "training"),
        ("SUSPENDED", RunState.RUNNING, "training, says its folder; suspended, says SLURM"),
        ("COMPLETING", RunState.STOPPING, "its job ends"),
        ("REQUEUE_HOLD", RunState.QUEUED, "pending"),
    ],
)
def test_an_attempt_without_an_end(
    cluster: Cluster, run: RunFolder, state: str, expected: RunState, reason: str
) -> None:
    train(run)
    cluster.job(state)
    status = run_status(run)
    assert (status.state, status.reason, status.attempt) == (expected, reason, 1)
    assert status.pid == (4711 if status.state is RunState.RUNNING else status.pid)


def test_a_recorded_end_is_kept_and_explained(cluster: Cluster, run: RunFolder) -> None:
    train(run)
    end(run)
    cluster.job("PREEMPTED")
    assert run_status(run).reason == "stopped at step 9, saved; preempted by another job"


def test_the_end_of_an_earlier_life_is_not_that_of_this_one(cluster: Cluster, run: RunFolder) -> None:
    train(run)
    end(run)
    cluster.job("RUNNING", starts=NOW - 10.0)
    assert run_status(run).sentence == "running: starting on n7"


def test_an_attempt_of_a_node_that_died_is_not_that_of_this_life(cluster: Cluster, run: RunFolder) -> None:
    train(run)
    cluster.job("RUNNING", starts=NOW - 10.0)
    status = run_status(run)
    assert (status.sentence, status.pid) == ("running: starting on n7", None)


def test_between_its_end_and_the_queue_a_run_is_not_over(cluster: Cluster, run: RunFolder) -> None:
    train(run)
    end(run)
    cluster.job("RUNNING")
    assert run_status(run).state is RunState.STOPPING, "its job is still there"
    write_json(run.attempt(1).requeue, {"step": 9})
    assert run_status(run).sentence == "queued: stopped at step 9, saved; it goes back into SLURM's queue"


def test_another_job_of_the_same_number_is_a_stranger(cluster: Cluster, run: RunFolder) -> None:
    train(run)
    cluster.job("RUNNING", name="piano.k9")
    assert run_status(run).sentence == "lost: SLURM no longer knows job 7, and no exit was recorded"


def test_accounting_knows_what_the_controller_has_forgotten(cluster: Cluster, run: RunFolder) -> None:
    train(run)
    cluster.accounts("CANCELLED by 987654")
    assert run_status(run).sentence == "stopped: cancelled through SLURM by 987654"


def test_without_accounting_the_trainers_last_word_counts(cluster: Cluster, run: RunFolder) -> None:
    train(run)
    append_event(run.events, "failed", attempt=1, reason="CUDA out of memory")
    assert run_status(run).sentence == "failed: CUDA out of memory"


def test_a_job_that_was_told_to_stop_before_it_began(cluster: Cluster, run: RunFolder) -> None:
    forbid(run, SUBMISSION)
    for state in ("CANCELLED", "COMPLETED"):
        cluster.job(state)
        assert run_status(run).sentence == "stopped: cancelled before it started"


def test_a_run_of_another_cluster_is_not_called_lost(cluster: Cluster, run: RunFolder) -> None:
    train(run)
    cluster.says("scontrol", "ClusterName = elsewhere\n")
    status = run_status(run)
    assert status.state is RunState.RUNNING
    assert status.reason == "training; it was submitted to cluster here, and this is elsewhere"


def test_where_there_is_no_slurm_the_folder_tells(
    run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SLURM_CONF", str(tmp_path / "nowhere"))
    assert run_status(run).sentence == "queued: submitted as job 7; squeue is not on this machine"
    train(run)
    assert run_status(run).sentence == "running: training; squeue is not on this machine"
    long_ago = time.time() - 7200.0
    for path in (run.attempt(1).path, run.attempt(1).proc):
        os.utime(path, (long_ago, long_ago))
    assert run_status(run).reason.startswith("training when last heard of, 2 h 00 min ago; ")
    end(run)
    assert run_status(run).sentence == "stopped at step 9, saved"


def test_an_attempt_made_here_after_the_job_is_no_job(cluster: Cluster, run: RunFolder) -> None:
    cluster.job("COMPLETED")
    run.attempt(1).path.mkdir(parents=True)
    write_proc(run.attempt(1), ProcRecord(4711, boot_id(), 1, 4710, "here", BEGAN, ["python"]))
    end(run, "failed", "KeyError: 'x'")
    status = run_status(run)
    assert (status.sentence, status.job) == ("failed: KeyError: 'x'", None)


def test_a_start_that_has_gone_by_is_not_promised(cluster: Cluster, run: RunFolder) -> None:
    cluster.job("PENDING", "Resources", starts=NOW + 7200)
    job = run_status(run).job
    assert job is not None
    assert pending_words(job).startswith("pending: Resources, starts about 20")
    assert pending_words(job, now=NOW + 8000) == "pending: Resources"
