"""Trainers, shims and launchers that are killed: what the run's folder then says, and what is left behind."""

import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ravetui.engine.launch.start import launch
from ravetui.engine.launch.stop import stop_run, wait_for
from ravetui.errors import RunError
from ravetui.runs import control
from ravetui.runs.asker import asker, asker_words
from ravetui.runs.folder import RunFolder
from ravetui.runs.lock import acquire, is_held
from ravetui.runs.process import boot_id, children, identify
from ravetui.runs.publishing import publish
from ravetui.runs.record import ExitRecord, ProcRecord, read_exit, write_proc
from ravetui.runs.state import RunState, run_status
from tests.stand_in import (
    OBEYING,
    PARENT,
    PAUSE,
    SAVER,
    empty_run,
    end_run,
    ended,
    log_of,
    no_longer_live,
    proc_of,
    python,
    until,
    until_logged,
)

US = asker_words(asker("command line"))


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunFolder]:
    """A run with a space and an umlaut in its path; whatever still lives of it is killed in the end."""
    folder = empty_run(tmp_path / "my rüns" / "graz")
    yield folder
    end_run(folder)


def save_checkpoint(run: RunFolder, step: int) -> None:
    def write(path: Path) -> None:
        path.write_bytes(b"weights")

    publish(run, step, {"model": write}, phase=1, attempt=1, validation=None, trainer={})


def outcome(run: RunFolder) -> tuple[RunState, str]:
    status = run_status(run)
    return status.state, status.reason


# How a process ends


def test_an_exception_is_the_reason_of_a_failed_run(run: RunFolder) -> None:
    launch(run, python("raise ValueError('no such thing')"))
    record = ended(run)
    assert (record.outcome, record.reason) == ("failed", "ValueError: no such thing")
    assert (record.exit_code, record.signal) == (1, None)
    assert outcome(run) == (RunState.FAILED, "ValueError: no such thing")


def test_a_silent_exit_code_is_named(run: RunFolder) -> None:
    launch(run, python("raise SystemExit(3)"))
    assert ended(run).reason == "exit code 3, and the log says nothing"


def test_an_end_that_tells_nothing_is_a_stop_not_a_finish(run: RunFolder) -> None:
    launch(run, python("pass"))
    assert ended(run).outcome == "stopped"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, signal.SIGBUS])
def test_a_kill_from_outside_is_named_by_its_signal(run: RunFolder, number: signal.Signals) -> None:
    launch(run, python(PAUSE))
    os.kill(proc_of(run).pid, number)
    record = ended(run)
    assert record.outcome == "failed"
    assert record.reason.startswith(f"killed by {number.name} (")
    assert (record.exit_code, record.signal) == (None, number)


def test_a_crash_in_native_code_is_named(run: RunFolder) -> None:
    launch(run, python("import ctypes; ctypes.string_at(0)"))
    assert ended(run).reason == "killed by SIGSEGV (it crashed in native code)"


def test_the_trainers_own_word_counts_more_than_its_exit_code(run: RunFolder) -> None:
    code = """
import sys
from pathlib import Path
from ravetui.runs.events import append_event
append_event(Path(sys.argv[1]), "finished", attempt=1, step=800)
sys.exit(1)
"""
    launch(run, python(code, run.events))
    record = ended(run)
    assert (record.outcome, record.reason, record.exit_code) == ("finished", "all steps done at step 800", 1)


def test_the_word_of_an_earlier_attempt_does_not_count(run: RunFolder) -> None:
    launch(run, python(SAVER, run.path))
    until_logged(run, "ready")
    os.kill(proc_of(run).pid, signal.SIGTERM)
    assert ended(run).outcome == "stopped"
    no_longer_live(run)
    assert launch(run, python("raise KeyError('x')")) == 2
    assert ended(run).reason == "KeyError: 'x'"


def test_a_command_that_cannot_be_executed_leaves_an_exit_record(run: RunFolder) -> None:
    with pytest.raises(RunError, match="/no/such/python cannot be started: No such file"):
        launch(run, ["/no/such/python", "-m", "x"])
    assert ended(run).outcome == "failed"
    assert "/no/such/python cannot be started" in run_status(run).reason


# Stopping


def test_sigterm_to_the_shim_lets_the_trainer_save(run: RunFolder) -> None:
    launch(run, python(SAVER, run.path))
    until_logged(run, "ready")
    os.kill(proc_of(run).supervisor_pid, signal.SIGTERM)
    record = ended(run)
    assert (record.outcome, record.exit_code) == ("stopped", 0)
    assert record.reason.startswith("stopped at step 7, saved: SIGTERM from ")


def test_sigterm_to_the_shims_group_reaches_the_trainer_alone_and_once(run: RunFolder) -> None:
    code = "import signal, subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', sys.argv[1]])\n"
    code += "signal.signal(signal.SIGTERM, lambda *_: print('told', flush=True))\nprint('ready', flush=True)\n"
    code += "while True: time.sleep(0.02)\n"
    launch(run, python(code, PAUSE))
    until_logged(run, "ready", 2)
    shim = proc_of(run).supervisor_pid
    os.killpg(os.getpgid(shim), signal.SIGTERM)
    until_logged(run, "told")
    loader = children(proc_of(run).pid)
    assert len(loader) == 1, "the loader must live until the trainer has saved"
    os.kill(proc_of(run).pid, signal.SIGKILL)
    assert ended(run).killed_orphans == loader
    assert log_of(run).count("told") == 1


def test_sigterm_before_the_trainer_can_hear_is_a_stop(run: RunFolder) -> None:
    launch(run, python(PAUSE))
    os.kill(proc_of(run).supervisor_pid, signal.SIGTERM)
    record = ended(run)
    assert record.outcome == "stopped"
    assert record.reason.endswith(f"pid {os.getpid()}) before it could save")


def test_a_request_stops_the_run_and_says_so_meanwhile(run: RunFolder) -> None:
    launch(run, python(PAUSE))
    assert "saves after the present step" in stop_run(run)
    assert run_status(run).state is RunState.STOPPING
    assert "stopping already" in stop_run(run)
    assert "at once" in stop_run(run, now=True)
    assert outcome_when_ended(run) == (
        RunState.STOPPED,
        f"stopped at once by {US}, without saving; there is no checkpoint",
    )


def outcome_when_ended(run: RunFolder) -> tuple[RunState, str]:
    status = wait_for(run, lambda state: not state.is_live, 60)
    return status.state, status.reason


def test_a_stop_at_once_names_the_checkpoint_that_is_left(run: RunFolder) -> None:
    save_checkpoint(run, 130)
    launch(run, python(PAUSE))
    stop_run(run, now=True)
    assert outcome_when_ended(run)[1] == f"stopped at once by {US}, without saving; newest checkpoint is step 130"
    assert ended(run).signal == signal.SIGKILL


def test_an_intent_to_kill_does_not_hide_a_crash(run: RunFolder) -> None:
    launch(run, python("import sys; input() if not sys.stdin.isatty() else 0"))
    attempt = run.attempt_folders()[-1]
    attempt.stop_now.write_text('{"time": 1.0}')
    assert ended(run).reason == "EOFError: EOF when reading a line"


def test_a_new_attempt_forgets_the_stop_of_the_old(run: RunFolder) -> None:
    launch(run, python(OBEYING, run.path))
    stop_run(run)
    assert outcome_when_ended(run) == (RunState.STOPPED, "stopped at step 7, saved")
    assert control.pending(run) == {"stop"}, "the stand-in leaves it, as a killed trainer would"
    assert launch(run, python(OBEYING, run.path)) == 2
    until_logged(run, "ready")
    assert run_status(run).state is RunState.RUNNING


# The shim is killed


def test_a_run_outlives_its_shim_and_is_lost_when_it_is_killed_too(run: RunFolder) -> None:
    launch(run, python(PAUSE))
    until_logged(run, "ready")
    trainer = proc_of(run)
    os.kill(trainer.supervisor_pid, signal.SIGKILL)
    until(lambda: not is_held(run.supervisor_lock), "the end of the shim")
    status = run_status(run)
    assert (status.state, status.pid) == (RunState.UNSUPERVISED, trainer.pid)
    with pytest.raises(RunError, match="graz is training already"):
        launch(run, python(PAUSE))
    assert len(run.attempt_folders()) == 1
    os.kill(trainer.pid, signal.SIGKILL)
    no_longer_live(run)
    state, reason = outcome(run)
    assert state is RunState.LOST
    assert "killed together" in reason
    assert launch(run, python("raise SystemExit(4)")) == 2, "a lost run can be resumed"
    assert ended(run).exit_code == 4


def kill_shim(run: RunFolder) -> None:
    os.kill(proc_of(run).supervisor_pid, signal.SIGKILL)
    until(lambda: run_status(run).state is RunState.UNSUPERVISED, "an unsupervised run")


def test_an_unsupervised_run_still_obeys_a_stop(run: RunFolder) -> None:
    launch(run, python(OBEYING, run.path))
    until_logged(run, "ready")
    kill_shim(run)
    stop_run(run)
    assert outcome_when_ended(run) == (RunState.STOPPED, "stopped at step 7, saved")
    assert read_exit(run.attempt_folders()[-1]) is None


def test_an_unsupervised_run_can_be_stopped_at_once(run: RunFolder) -> None:
    launch(run, python(PAUSE))
    until_logged(run, "ready")
    kill_shim(run)
    stop_run(run, now=True)
    assert outcome_when_ended(run)[0] is RunState.STOPPED


def test_the_shim_refuses_a_run_whose_process_lives_without_a_shim(run: RunFolder) -> None:
    launch(run, python(PAUSE))
    until_logged(run, "ready")
    kill_shim(run)
    shim = [sys.executable, "-m", "ravetui.engine.launch.shim", "run", str(run.path), *python(PAUSE)]
    answer = subprocess.run(shim, capture_output=True, text=True, check=True).stdout
    assert answer == '{"refused": "a process of graz still lives, though its supervisor is gone"}\n'
    assert len(run.attempt_folders()) == 1


def test_the_live_lock_is_the_processs_alone(run: RunFolder) -> None:
    launch(run, python(PAUSE))
    until_logged(run, "ready")
    trainer = proc_of(run)
    os.kill(trainer.supervisor_pid, signal.SIGSTOP)
    try:
        os.kill(trainer.pid, signal.SIGKILL)
        until(lambda: not is_held(run.live_lock), "a free live lock, though the shim still lives")
        assert is_held(run.supervisor_lock)
    finally:
        os.kill(trainer.supervisor_pid, signal.SIGCONT)
    assert ended(run).signal == signal.SIGKILL


# What is left behind


def test_orphans_are_taken_away_even_deaf_ones(run: RunFolder) -> None:
    launch(run, python(PARENT))
    until_logged(run, "child", 2)
    orphans = children(proc_of(run).pid)
    assert len(orphans) == 2
    os.kill(proc_of(run).pid, signal.SIGKILL)
    record = ended(run)
    assert sorted(record.killed_orphans) == sorted(orphans)
    assert [pid for pid in orphans if identify(pid) is not None] == []
    assert not is_held(run.live_lock)


def test_a_child_that_goes_by_itself_is_not_killed(run: RunFolder) -> None:
    # As multiprocessing's resource tracker does: it ends when its parent's end of a pipe is closed.
    code = "import os, subprocess, sys\nr, w = os.pipe()\n"
    code += "subprocess.Popen([sys.executable, '-c', 'import os; os.read(0, 1); print(\"gone\")'], stdin=r)\n"
    launch(run, python(code))
    assert ended(run).killed_orphans == []
    assert "gone" in log_of(run)


# The launcher goes away


def test_a_run_survives_the_terminal_it_was_started_from(run: RunFolder) -> None:
    code = """
import fcntl, signal, sys, termios
from pathlib import Path
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from ravetui.engine.launch.start import launch
from ravetui.runs.folder import RunFolder
launch(RunFolder(Path(sys.argv[1])), [sys.executable, "-c", sys.argv[2]])
print("launched", flush=True)
signal.pause()
"""
    trainer = """
import os, signal, sys, time
def speak(*_):
    print("still here", os.isatty(0), os.getsid(0) == os.getpid(), os.getcwd(), flush=True)
signal.signal(signal.SIGUSR1, speak)
print("ready", flush=True)
while True:
    time.sleep(0.02)
"""
    master, slave = pty.openpty()
    launcher = subprocess.Popen(
        python(code, run.path, trainer), stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    )
    os.close(slave)
    said = b""
    while b"launched" not in said:
        said += os.read(master, 1024)
    os.close(master)
    assert launcher.wait(60) == -signal.SIGHUP
    until_logged(run, "ready")
    os.kill(proc_of(run).pid, signal.SIGUSR1)
    until_logged(run, "still here False True /")
    assert run_status(run).state is RunState.RUNNING


def test_a_run_survives_the_kill_of_its_launchers_whole_group(run: RunFolder) -> None:
    code = """
import signal, sys
from pathlib import Path
from ravetui.engine.launch.start import launch
from ravetui.runs.folder import RunFolder
launch(RunFolder(Path(sys.argv[1])), [sys.executable, "-c", sys.argv[2]])
print("launched", flush=True)
signal.pause()
"""
    with subprocess.Popen(
        python(code, run.path, PAUSE), stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as launcher:
        assert launcher.stdout is not None
        assert launcher.stdout.readline() == "launched\n"
        os.killpg(launcher.pid, signal.SIGKILL)
    until_logged(run, "ready")
    assert run_status(run).state is RunState.RUNNING
    stop_run(run, now=True)
    assert outcome_when_ended(run)[0] is RunState.STOPPED


def test_a_launcher_that_dies_before_the_answer_leaves_a_supervised_run(run: RunFolder) -> None:
    code = f"import os; print(os.readlink('/proc/self/fd/0'))\n{PAUSE}"
    shim = [sys.executable, "-P", "-m", "ravetui.engine.launch.shim", "run", str(run.path), *python(code)]
    read, write = os.pipe()
    os.close(read)
    subprocess.run(shim, stdin=write, stdout=write, stderr=write, check=True)
    os.close(write)
    until_logged(run, "ready")
    assert log_of(run).splitlines()[0] == "/dev/null"
    assert run_status(run).state is RunState.RUNNING


def test_nothing_of_the_launcher_is_inherited(run: RunFolder, tmp_path: Path) -> None:
    with (tmp_path / "open in the launcher").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        launch(run, python("import os; print(sorted(os.listdir('/proc/self/fd'), key=int)); print('ready')"))
        ended(run)
    # 0, 1, 2, the live lock, and the folder that listdir has open.
    assert len(log_of(run).splitlines()[0].split(",")) == 5


# Many at once


def test_of_twenty_launchers_at_once_exactly_one_wins(run: RunFolder) -> None:
    gate = threading.Barrier(20)

    def start() -> int | str:
        gate.wait()
        try:
            return launch(run, python(PAUSE))
        except RunError as error:
            return error.title

    with ThreadPoolExecutor(20) as pool:
        answers = [job.result() for job in [pool.submit(start) for _ in range(20)]]
    assert sorted(map(str, answers)) == ["1"] + ["Running already"] * 19
    assert [attempt.number for attempt in run.attempt_folders()] == [1]
    assert run_status(run).state is RunState.RUNNING


# Pids that mean somebody else


@pytest.fixture
def stranger() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(python(PAUSE), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


@pytest.mark.parametrize("forged", ["start", "boot"])
def test_a_stranger_with_the_same_pid_is_never_signalled(
    run: RunFolder, stranger: "subprocess.Popen[bytes]", forged: str
) -> None:
    who = identify(stranger.pid)
    assert who is not None
    attempt = run.attempt(1)
    attempt.path.mkdir(parents=True)
    ticks = who.start_ticks - 100 if forged == "start" else who.start_ticks
    boot = "another boot" if forged == "boot" else boot_id()
    write_proc(attempt, ProcRecord(stranger.pid, boot, ticks, 1, "here", 1.0, ["train"]))
    assert run_status(run).state is RunState.LOST, "a pid in use proves nothing"
    lock = acquire(run.live_lock)
    assert lock is not None
    assert run_status(run).state is RunState.UNSUPERVISED
    with pytest.raises(RunError, match="not on this machine, or has just ended"):
        stop_run(run, now=True)
    os.close(lock)
    assert stranger.poll() is None
    assert outcome(run)[0] is RunState.LOST, "the refused kill is not taken for the end"
    attempt.proc.unlink()


def test_a_restart_of_the_machine_is_told_from_a_kill(run: RunFolder) -> None:
    attempt = run.attempt(1)
    attempt.path.mkdir(parents=True)
    write_proc(attempt, ProcRecord(1, "0" * 36, 5, 1, "here", 1.0, ["train"]))
    assert outcome(run) == (RunState.LOST, "the machine was restarted while it ran")
    attempt.proc.unlink()


def test_a_damaged_exit_record_is_not_believed(run: RunFolder) -> None:
    launch(run, python("raise SystemExit(3)"))
    record = ended(run)
    assert isinstance(record, ExitRecord)
    no_longer_live(run)
    attempt = run.attempt_folders()[-1]
    until(lambda: not is_held(run.supervisor_lock), "the end of the shim")
    for content in ("", "{", "[]", '{"outcome": "done"}', '"failed"'):
        attempt.exit.write_text(content)
        assert run_status(run).state is RunState.LOST
