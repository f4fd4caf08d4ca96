import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ravetui.runs import control
from ravetui.runs.atomic import write_json
from ravetui.runs.events import append_event
from ravetui.runs.folder import AttemptFolder, RunFolder
from ravetui.runs.jobs import JobFolder, job_status
from ravetui.runs.lock import acquire
from ravetui.runs.process import boot_id
from ravetui.runs.record import ExitRecord, ProcRecord, read_exit, read_proc, write_exit, write_proc
from ravetui.runs.state import RunState, run_status

PROC = ProcRecord(4711, boot_id(), 1, 4710, "here", 100.0, ["python", "train"])
EXIT = ExitRecord("failed", "CUDA out of memory", 1, None, 200.0, [])


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


@pytest.fixture
def attempt(run: RunFolder) -> AttemptFolder:
    run.attempt(1).path.mkdir(parents=True)
    return run.attempt(1)


@pytest.fixture
def shim(run: RunFolder) -> Iterator[None]:
    handle = acquire(run.supervisor_lock)
    yield
    if handle is not None:
        os.close(handle)


@pytest.fixture
def trainer(run: RunFolder) -> Iterator[None]:
    handle = acquire(run.live_lock)
    yield
    if handle is not None:
        os.close(handle)


def test_a_new_run_was_never_started(run: RunFolder) -> None:
    status = run_status(run)
    assert (status.state, status.sentence, status.attempt) == (RunState.STOPPED, "stopped: created, never started", 0)


def test_a_shim_without_an_attempt_is_starting(run: RunFolder, shim: None) -> None:
    assert run_status(run).reason == "starting"
    assert run_status(run).state.is_live


def test_a_process_with_its_shim_is_running(run: RunFolder, attempt: AttemptFolder, shim: None, trainer: None) -> None:
    assert run_status(run).reason == "starting", "nobody knows yet who it is"
    write_proc(attempt, PROC)
    status = run_status(run)
    assert (status.state, status.reason, status.pid, status.since) == (RunState.RUNNING, "training", 4711, 100.0)


@pytest.mark.usefixtures("trainer")
def test_a_process_without_its_shim_is_unsupervised(run: RunFolder, attempt: AttemptFolder) -> None:
    write_proc(attempt, PROC)
    assert run_status(run).state is RunState.UNSUPERVISED
    control.request(run, "stop")
    assert run_status(run).state is RunState.STOPPING


@pytest.mark.usefixtures("trainer", "shim")
def test_a_request_makes_a_run_stopping_and_an_ended_one_nothing(run: RunFolder, attempt: AttemptFolder) -> None:
    write_proc(attempt, PROC)
    control.request(run, "stop")
    assert run_status(run).state is RunState.STOPPING
    write_exit(attempt, EXIT)
    status = run_status(run)
    assert (status.state, status.sentence) == (RunState.FAILED, "failed: CUDA out of memory")
    assert (status.pid, status.since) == (None, 200.0)


def test_an_attempt_without_anybody_is_lost(run: RunFolder, attempt: AttemptFolder) -> None:
    assert run_status(run).sentence == "lost: its supervisor died before the process began"
    write_proc(attempt, PROC)
    assert run_status(run).reason == "it and its supervisor were killed together: no exit was recorded"


def test_a_restart_is_seen_by_the_boot_id(run: RunFolder, attempt: AttemptFolder) -> None:
    write_proc(attempt, ProcRecord(1, "another", 1, 1, "here", 1.0, []))
    assert run_status(run).reason == "the machine was restarted while it ran"


def test_the_newest_attempt_counts(run: RunFolder, attempt: AttemptFolder) -> None:
    write_exit(attempt, EXIT)
    run.attempt(2).path.mkdir()
    write_exit(run.attempt(2), ExitRecord("finished", "finished at step 800", 0, None, 300.0, []))
    status = run_status(run)
    assert (status.state, status.attempt) == (RunState.FINISHED, 2)
    assert status.sentence == "finished at step 800"


@pytest.mark.parametrize("kind", ["finished", "stopped", "failed"])
def test_a_run_that_told_of_its_end_is_not_lost(run: RunFolder, attempt: AttemptFolder, kind: str) -> None:
    write_proc(attempt, PROC)
    append_event(run.events, kind, attempt=2, reason="of another attempt")
    assert run_status(run).state is RunState.LOST
    append_event(run.events, kind, attempt=1, reason="because")
    append_event(run.events, "scored", attempt=1)
    status = run_status(run)
    assert (status.state.value, status.reason) == (kind, "because")
    assert status.since == pytest.approx(time.time(), abs=60)


def test_a_wanted_kill_without_a_shim_is_a_stop(run: RunFolder, attempt: AttemptFolder) -> None:
    write_proc(attempt, PROC)
    write_json(attempt.stop_now, {"time": 5.0})
    status = run_status(run)
    assert (status.state, status.since) == (RunState.STOPPED, 5.0)
    assert status.reason == "stopped at once, without saving; there is no checkpoint"


def test_records_read_back(attempt: AttemptFolder) -> None:
    assert (read_proc(attempt), read_exit(attempt)) == (None, None)
    write_proc(attempt, PROC)
    write_exit(attempt, EXIT)
    assert (read_proc(attempt), read_exit(attempt)) == (PROC, EXIT)
    assert PROC.identity.pid == 4711


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '"x"', "{}", '{"pid": 1}', '{"outcome": "failed"}'])
def test_a_damaged_record_is_as_good_as_none(attempt: AttemptFolder, content: str) -> None:
    attempt.proc.write_text(content)
    attempt.exit.write_text(content)
    assert (read_proc(attempt), read_exit(attempt)) == (None, None)


def test_an_outcome_nobody_knows_is_not_believed(attempt: AttemptFolder) -> None:
    write_exit(attempt, ExitRecord("exploded", "", 0, None, 1.0, []))
    assert read_exit(attempt) is None


def test_a_job_has_a_state_too(tmp_path: Path) -> None:
    job = JobFolder(tmp_path / "score-000000100-mel")
    job.path.mkdir()
    handles = [acquire(path) for path in (job.live_lock, job.supervisor_lock)]
    write_proc(job.attempt, PROC)
    assert job_status(job).reason == "at work"
    for handle in handles:
        assert handle is not None
        os.close(handle)
    write_exit(job.attempt, ExitRecord("finished", "done", 0, None, 2.0, []))
    assert job_status(job).state is RunState.FINISHED
