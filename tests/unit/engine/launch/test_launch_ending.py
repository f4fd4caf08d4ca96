import signal
from pathlib import Path

import pytest

from ravetui.engine.launch.ending import LOG_TAIL, LONGEST, exit_record, last_line
from ravetui.engine.launch.memory import LIMIT, MACHINE
from ravetui.engine.launch.reaper import Ended
from ravetui.runs.atomic import write_json
from ravetui.runs.events import append_event
from ravetui.runs.folder import AttemptFolder, RunFolder


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


@pytest.fixture
def attempt(run: RunFolder) -> AttemptFolder:
    run.attempt(1).path.mkdir(parents=True)
    return run.attempt(1)


@pytest.mark.parametrize(
    ("log", "line"),
    [
        (b"", ""),
        (b"\n \n\r\n", ""),
        (b"one\ntwo", "two"),
        (b"one\ntwo\n\n   \n", "two"),
        (b"ValueError: \xc3\xa9t\xc3\xa9\n", "ValueError: été"),
        (b"torn \xc3", "torn \ufffd"),
        (b"10 %\r20 %\r\x1b[31mred \x1b[1;4mbold\x1b[0m\x1b[K\n", "red bold"),
        (b"\x00\x07beep\x1b[?25h\n", "beep"),
        (b"x" * 1000, "x" * LONGEST + "…"),
        (b"start\n" + b"\n" * LOG_TAIL, ""),
        (b"first\n" + b"y\n" * LOG_TAIL + b"last\n", "last"),
    ],
)
def test_the_last_line_that_says_anything(attempt: AttemptFolder, log: bytes, line: str) -> None:
    attempt.log.write_bytes(log)
    assert last_line(attempt) == line


def test_no_log_says_nothing(attempt: AttemptFolder) -> None:
    assert last_line(attempt) == ""


def test_a_log_is_not_asked_when_the_signal_says_it(run: RunFolder, attempt: AttemptFolder) -> None:
    attempt.log.write_text("step 100\n")
    record = exit_record(run, attempt, Ended(None, signal.SIGKILL, False), [7, 8])
    assert record.reason == "killed by SIGKILL (from outside: out of memory, or by hand)"
    assert (record.outcome, record.signal, record.exit_code, record.killed_orphans) == ("failed", 9, None, [7, 8])


@pytest.mark.parametrize(
    ("memory", "reason"),
    [
        (MACHINE, "killed by the kernel: the machine ran out of memory"),
        (LIMIT, "killed by the kernel: it reached the memory limit of its group (cgroup)"),
        ("", "killed by SIGKILL (by hand or by another program: memory had not run out)"),
        (None, "killed by SIGKILL (from outside: out of memory, or by hand)"),
    ],
)
def test_a_kill_for_want_of_memory_is_told_from_one_by_hand(
    run: RunFolder, attempt: AttemptFolder, memory: str | None, reason: str
) -> None:
    assert exit_record(run, attempt, Ended(None, signal.SIGKILL, False, memory=memory), []).reason == reason


def test_native_code_that_gave_up_has_said_why(run: RunFolder, attempt: AttemptFolder) -> None:
    attempt.log.write_text("terminate called: what(): CUDA error\n")
    record = exit_record(run, attempt, Ended(None, signal.SIGABRT, False), [])
    assert record.reason == "killed by SIGABRT (native code gave up): terminate called: what(): CUDA error"


def test_a_signal_without_a_name_is_a_number(run: RunFolder, attempt: AttemptFolder) -> None:
    assert exit_record(run, attempt, Ended(None, 40, False), []).reason == "killed by signal 40"


def test_a_wanted_kill_is_told_from_an_unwanted_end(run: RunFolder, attempt: AttemptFolder) -> None:
    write_json(attempt.stop_now, {"time": 1.0})
    assert exit_record(run, attempt, Ended(None, signal.SIGKILL, False), []).outcome == "stopped"
    assert exit_record(run, attempt, Ended(None, signal.SIGSEGV, False), []).outcome == "failed"
    assert exit_record(run, attempt, Ended(3, None, False), []).outcome == "failed"


@pytest.mark.parametrize(
    ("kind", "fields", "reason"),
    [
        ("finished", {"step": 800}, "all steps done at step 800"),
        ("stopped", {"step": 7}, "stopped at step 7"),
        ("failed", {}, "failed"),
        ("failed", {"reason": "loss became nan at step 12."}, "loss became nan at step 12."),
    ],
)
def test_the_last_event_of_the_attempt_decides(
    run: RunFolder, attempt: AttemptFolder, kind: str, fields: dict[str, object], reason: str
) -> None:
    append_event(run.events, "stopped", attempt=1, reason="earlier")
    append_event(run.events, kind, attempt=1, **fields)
    append_event(run.events, "scored", attempt=1)
    append_event(run.events, "finished", attempt=2)
    record = exit_record(run, attempt, Ended(None, signal.SIGKILL, False), [])
    assert (record.outcome, record.reason) == (kind, reason)


def test_a_job_tells_by_its_exit_code_alone(attempt: AttemptFolder) -> None:
    assert exit_record(None, attempt, Ended(0, None, False), []).outcome == "finished"
    attempt.log.write_text("ScoreError: too few windows\n")
    record = exit_record(None, attempt, Ended(1, None, False), [])
    assert (record.outcome, record.reason) == ("failed", "ScoreError: too few windows")
