"""Small programs that stand where a trainer would, and how tests wait for what they do."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ravetui.runs.folder import RunFolder
from ravetui.runs.jobs import JobFolder
from ravetui.runs.record import ExitRecord, ProcRecord, read_exit, read_proc
from ravetui.runs.state import run_status

PATIENCE = 60.0
"""Seconds until a condition that never comes true fails a test; never slept."""

PAUSE = "import signal; print('ready', flush=True); signal.pause()"
"""Lives until it is killed."""

SAVER = """
import signal, sys, time
from pathlib import Path
from ravetui.runs.events import append_event
from ravetui.runs.folder import RunFolder
run = RunFolder(Path(sys.argv[1]))
def stop(*_):
    append_event(run.events, "stopped", attempt=run.attempt_folders()[-1].number, reason="stopped at step 7, saved")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("ready", flush=True)
while True:
    # Not signal.pause(): a signal that comes just before it would be slept over.
    time.sleep(0.02)
"""
"""Saves and exits at SIGTERM, as the trainer does."""

OBEYING = """
import sys, time
from pathlib import Path
from ravetui.runs import control
from ravetui.runs.events import append_event
from ravetui.runs.folder import RunFolder
run = RunFolder(Path(sys.argv[1]))
print("ready", flush=True)
while "stop" not in control.pending(run):
    time.sleep(0.01)
append_event(run.events, "stopped", attempt=run.attempt_folders()[-1].number, reason="stopped at step 7, saved")
"""
"""Saves and exits when it finds the request, as the trainer does."""

PARENT = """
import signal, subprocess, sys
deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('child', flush=True); signal.pause()"
tame = "import signal; print('child', flush=True); signal.pause()"
for code in (deaf, tame):
    subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
signal.pause()
"""
"""Has two children in sessions of their own, one of which ignores SIGTERM."""


def python(code: str, *arguments: object) -> list[str]:
    """A command line that runs the code with this interpreter."""
    return [sys.executable, "-c", code, *map(str, arguments)]


def empty_run(folder: Path) -> RunFolder:
    """A run's folder without a spec: all that a supervisor needs."""
    folder.mkdir(parents=True)
    return RunFolder(folder)


def until(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition holds; ``what`` says which one when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never came true: {what}"
        time.sleep(0.005)


def until_logged(run: RunFolder, word: str, times: int = 1) -> None:
    """Wait until the newest attempt has printed a word so many times."""
    until(lambda: log_of(run).count(word) >= times, f"{word!r} in the log")


def log_of(run: RunFolder) -> str:
    """What the newest attempt has printed."""
    attempts = run.attempt_folders()
    return attempts[-1].log.read_text() if attempts and attempts[-1].log.exists() else ""


def proc_of(run: RunFolder) -> ProcRecord:
    """Who the newest attempt is."""
    record = read_proc(run.attempt_folders()[-1])
    assert record is not None
    return record


def ended(run: RunFolder) -> ExitRecord:
    """How the newest attempt ended, once it has."""
    until(lambda: read_exit(run.attempt_folders()[-1]) is not None, "exit.json")
    record = read_exit(run.attempt_folders()[-1])
    assert record is not None
    return record


def no_longer_live(run: RunFolder) -> None:
    """Wait until no process of the run is there."""
    until(lambda: not run_status(run).state.is_live, "the end of the run")


def end_job(job: JobFolder) -> None:
    """Kill a job's process if it is there."""
    if (record := read_proc(job.attempt)) is not None and read_exit(job.attempt) is None:
        with suppress(ProcessLookupError):
            os.kill(record.pid, signal.SIGKILL)


def end_run(run: RunFolder) -> None:
    """Kill whatever a test left behind."""
    for attempt in run.attempt_folders():
        record = read_proc(attempt)
        if record is not None and read_exit(attempt) is None:
            with suppress(ProcessLookupError):
                os.kill(record.pid, signal.SIGKILL)
    no_longer_live(run)
