import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ravetui.runs.record import write_proc
from ravetui.runs.stall import SHORTEST, UNKNOWN, longest_pause
from ravetui.runs.state import RunState
from ravetui.runs.summary import RunWatcher, summarise
from tests.run_maker import MadeRun, proc_record, workspace_in
from tests.stand_in import PAUSE, python, until


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeRun]:
    run = MadeRun(workspace_in(tmp_path / "ws", dataset=False), "graz")
    yield run
    run.release()


def age(made: MadeRun, seconds: float) -> None:
    """As if all that the run has done had been done so long ago."""
    attempt, long_ago = made.folder.attempt(made.attempt), time.time() - seconds
    record = proc_record(os.getpid())
    write_proc(attempt, type(record)(**{**record.__dict__, "started": long_ago - 100}))
    for path in (made.folder.events, attempt.log):
        path.touch()
        os.utime(path, (long_ago, long_ago))


def steps(made: MadeRun, *gaps: float, ago: float) -> None:
    """All steps of the run, with these pauses after the first, the last so long ago."""
    last = time.time() - ago
    for number, before in enumerate(np.cumsum((0.0, *gaps[::-1]))[::-1], made.step + 1):
        made._writers["steps"].append(number, last - float(before), (1, 0.4, 0.0))


def test_a_run_that_moves_is_not_stalled(made: MadeRun) -> None:
    made.begin(live=True).train(50)
    assert summarise(made.folder).stall is None


def test_no_step_for_long_is_said_and_the_run_goes_on_running(made: MadeRun) -> None:
    made.begin(live=True)
    age(made, 1000)
    steps(made, *[0.4] * 50, ago=1000)
    found = summarise(made.folder)
    assert found.stall is not None
    assert found.status.state is RunState.RUNNING
    assert found.reason.startswith("training, no step for 16 min 4")
    assert found.stall.advice.startswith(f"`py-spy dump --pid {os.getpid()}`")
    assert found.as_dict()["stalled_s"] == pytest.approx(1000, abs=20)


def test_an_event_or_a_word_in_the_log_is_a_sign_of_life(made: MadeRun) -> None:
    made.begin(live=True)
    age(made, 5000)
    steps(made, *[0.4] * 50, ago=5000)
    assert summarise(made.folder).stall is not None
    made.say("rendering")
    assert summarise(made.folder).stall is None


def test_an_ended_run_stands_still_rightly(made: MadeRun) -> None:
    made.begin(live=True)
    age(made, 5000)
    made.end("stopped", "asked")
    assert summarise(made.folder).stall is None


def test_the_longest_pause_is_the_runs_own(made: MadeRun) -> None:
    every = made.spec.training.validate_every

    def pause(*gaps: float) -> float:
        records = np.zeros(len(gaps) + 1, dtype=[("step", "i8"), ("time", "f8")])
        records["step"] = np.arange(1, len(gaps) + 2)
        records["time"][1:] = np.cumsum(gaps)
        return longest_pause(made.spec, records)

    step, validation = [0.4] * (every - 1), 50.0
    assert pause() == UNKNOWN
    assert pause(*step) == UNKNOWN, "a validation takes as long as it takes, and none has been timed"
    assert pause(*step, 2.0, *step) == SHORTEST
    assert pause(*step, validation, *step) == pytest.approx(150)
    assert pause(*step, 3.0, *step, validation, *step, validation) == pytest.approx(150), "the median"
    assert pause(*[30.0] * 3 * every) == pytest.approx(300), "a slow machine"


def test_a_jump_of_the_clock_is_no_stall_to_who_saw_it_move(made: MadeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    made.begin(live=True).train(50)
    watcher = RunWatcher(made.folder)
    assert watcher.summary().stall is None
    clock = time.time
    for jump in (86400.0, -86400.0):
        monkeypatch.setattr(time, "time", lambda jump=jump: clock() + jump)
        assert watcher.summary().stall is None
        monkeypatch.undo()


def test_a_halted_process_is_named_at_once_and_forgotten_when_it_goes_on(made: MadeRun) -> None:
    with subprocess.Popen(python(PAUSE), stdout=subprocess.PIPE) as process:
        try:
            made.begin(live=True, pid=process.pid).train(5)
            assert summarise(made.folder).stall is None
            os.kill(process.pid, signal.SIGSTOP)
            until(lambda: summarise(made.folder).stall is not None, "a halted run")
            found = summarise(made.folder)
            assert found.stall is not None
            assert found.status.state is RunState.RUNNING
            assert found.reason == "training, halted by a signal (SIGSTOP)"
            assert found.stall.advice == f"`kill -CONT {process.pid}` lets it go on."
            os.kill(process.pid, signal.SIGCONT)
            until(lambda: summarise(made.folder).stall is None, "a run that goes on")
        finally:
            process.kill()
