import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ravetui.engine.launch.score import start_score
from ravetui.engine.launch.start import launch, start_job, start_run
from ravetui.engine.launch.stop import stop_run, wait_for
from ravetui.errors import RunError
from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.jobs import JobFolder, job_status, score_job
from ravetui.runs.record import read_exit, read_proc
from ravetui.runs.state import RunState, run_status
from tests.run_maker import MadeRun, workspace_in
from tests.stand_in import PAUSE, empty_run, end_job, end_run, ended, log_of, python, until
from tests.workspaces import small_run, small_workspace


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunFolder]:
    folder = empty_run(tmp_path / "graz")
    yield folder
    end_run(folder)


@pytest.fixture
def job(tmp_path: Path) -> Iterator[JobFolder]:
    folder = JobFolder(tmp_path / "jobs" / "score-000000100-mel")
    yield folder
    end_job(folder)


def at_its_end(job: JobFolder) -> tuple[RunState, str]:
    until(lambda: not job_status(job).state.is_live, "the end of the job")
    return job_status(job).state, job_status(job).reason


def test_a_run_is_trained_stopped_resumed_and_finished(tmp_path: Path) -> None:
    run = small_run(small_workspace(tmp_path / "ws"), "graz")
    try:
        assert start_run(run) == 1
        with pytest.raises(RunError, match=r"graz is training already \(attempt 1"):
            start_run(run)
        stop_run(run)
        status = wait_for(run, lambda state: not state.is_live, 120)
        assert status.state is RunState.STOPPED, status.sentence
        assert start_run(run) == 2
        status = wait_for(run, lambda state: not state.is_live, 120)
        assert status.sentence == "finished at step 20"
        with pytest.raises(RunError, match="graz is finished at step 20"):
            start_run(run)
        assert len(run.attempt_folders()) == 2
        assert [event.attempt for event in read_events(run.events) if event.kind == "started"] in ([1, 2], [2])
    finally:
        end_run(run)


def test_a_folder_that_is_no_run_is_not_started(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is not a run"):
        start_run(RunFolder(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_run_said_to_be_finished_before_its_last_step_can_go_on(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path / "ws", dataset=False), "graz")
    made.begin().train(10)
    made.end("finished", "finished at step 10")
    assert start_run(made.folder) == 2
    end_run(made.folder)


def test_the_process_gets_our_environment_and_more(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "1")
    monkeypatch.setenv("THEIRS", "1")
    launch(run, python("import os; print(os.environ['OURS'], os.environ['THEIRS'])"), {"THEIRS": "2"})
    assert ended(run).exit_code == 0
    assert log_of(run) == "1 2\n"


def test_a_relative_folder_is_found(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run.path.parent)
    assert launch(RunFolder(Path("graz")), python("print('here')")) == 1
    assert ended(run).exit_code == 0


def test_an_unwritable_run_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"The supervisor of missing failed: FileNotFoundError: .*missing"):
        launch(RunFolder(tmp_path / "missing"), python("pass"))


def test_attempts_are_counted_and_keep_their_logs(run: RunFolder) -> None:
    for number in (1, 2, 3):
        assert launch(run, python(f"print('attempt {number}')")) == number
        ended(run)
        until(lambda: not run_status(run).state.is_live, "the end")
    assert [attempt.log.read_text() for attempt in run.attempt_folders()] == [f"attempt {n}\n" for n in (1, 2, 3)]


def test_a_job_runs_once_at_a_time_and_starts_afresh(job: JobFolder) -> None:
    start_job(job, python(PAUSE))
    until(lambda: "ready" in job.attempt.log.read_text(), "ready")
    with pytest.raises(RunError, match=r"score-000000100-mel is at work already \(since"):
        start_job(job, python(PAUSE))
    lock = job.live_lock.stat().st_ino
    (job.path / "scratch").mkdir()
    (job.path / "scratch" / "clip.wav").touch()
    end_job(job)
    assert at_its_end(job)[0] is RunState.FAILED
    start_job(job, python("print('again')"))
    assert at_its_end(job) == (RunState.FINISHED, "done")
    names = sorted(path.name for path in job.path.iterdir())
    assert names == ["exit.json", "live.lock", "log.txt", "proc.json", "supervisor.lock"]
    assert job.attempt.log.read_text() == "again\n"
    assert job.live_lock.stat().st_ino == lock, "whoever looks at the lock must go on seeing the same"


def test_a_job_that_fails_says_why(job: JobFolder) -> None:
    start_job(job, python("raise SystemExit('ScoreError: too few windows')"))
    assert at_its_end(job) == (RunState.FAILED, "ScoreError: too few windows")


def test_a_scoring_is_started_with_what_it_needs(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path / "ws", dataset=False), "graz")
    job = start_score(made.folder, 100, "mel", "validation", 12.5)
    assert job == score_job(made.folder, 100, "mel")
    record = read_proc(job.attempt)
    assert record is not None
    words = record.argv[record.argv.index("-m") + 1 :]
    path = str(made.folder.path)
    expected = ["ravetui.jobs.score", path, "--step", "100", "--embedder", "mel"]
    assert words == [*expected, "--reference", "validation", "--seconds", "12.5", "--job", str(job.path)]
    end_job(job)
    until(lambda: read_exit(job.attempt) is not None, "the end of the job")


def test_a_stop_names_what_is_not_running(run: RunFolder) -> None:
    with pytest.raises(RunError, match="graz is not running; stopped: created, never started"):
        stop_run(run)
    with pytest.raises(RunError, match="graz is not running"):
        stop_run(run, now=True)
    assert not (run.control / "stop").exists()


def test_waiting_ends_with_the_state_or_the_time(run: RunFolder) -> None:
    assert wait_for(run, lambda state: not state.is_live, 0).reason == "created, never started"
    launch(run, python(PAUSE))
    with pytest.raises(RunError, match=r"graz is running \(training\) after 0\.0 s"):
        wait_for(run, lambda state: not state.is_live, 0)
    os.kill(run_status(run).pid or 0, 9)
    assert wait_for(run, lambda state: not state.is_live, 60).state is RunState.FAILED
