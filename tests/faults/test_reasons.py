"""Every end of a run says why in one sentence: real processes that end in every way they can."""

import getpass
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ravetui.engine.launch.start import launch
from ravetui.engine.launch.stop import stop_run
from ravetui.runs.folder import RunFolder
from tests.faults.counts import count
from tests.stand_in import PAUSE, SAVER, empty_run, end_run, ended, proc_of, python, until_logged

SELF_KILL = "import os, signal; signal.signal({0}, signal.SIG_DFL); os.kill(os.getpid(), {0})"
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)); "

ENDS = {
    "exception": ("raise ValueError('no such thing')", "ValueError: no such thing"),
    "silent code": ("raise SystemExit(3)", "exit code 3, and the log says nothing"),
    "memory limit": (LIMITED + "bytearray(1 << 32)", "out of memory"),
    "array too large": (
        LIMITED + "import numpy; numpy.ones(1 << 31)",
        "out of memory: tried to allocate 16.0 GiB",
    ),
    "GPU memory": (
        "raise RuntimeError('CUDA out of memory. Tried to allocate 2.00 GiB')",
        "out of GPU memory: tried to allocate 2.00 GiB; a smaller batch_size needs less",
    ),
    "disk full": ("from pathlib import Path; Path('/dev/full').write_text('x')", "disk full"),
    "crash": ("import ctypes; ctypes.string_at(0)", "killed by SIGSEGV (it crashed in native code)"),
    "abort": ("import os; os.abort()", "killed by SIGABRT (native code gave up)"),
    "processor time": (
        "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 60))\nwhile True: pass",
        "killed by SIGXCPU (its limit of processor time was reached, see ulimit -t)",
    ),
    "hangup": (SELF_KILL.format(1), "killed by SIGHUP (its terminal was closed)"),
    "SIGTERM": (SELF_KILL.format(15), "killed by SIGTERM (from outside: by hand, or by the system)"),
    "SIGKILL": (
        SELF_KILL.format(9).replace("signal.signal(9, signal.SIG_DFL); ", ""),
        "killed by SIGKILL (by hand or by another program: memory had not run out)",
    ),
}


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunFolder]:
    folder = empty_run(tmp_path / "runs" / "graz")
    yield folder
    end_run(folder)


@pytest.mark.parametrize("end", ENDS)
def test_every_end_has_its_sentence(run: RunFolder, end: str) -> None:
    code, reason = ENDS[end]
    launch(run, python(code))
    record = ended(run)
    assert (record.outcome, record.reason) == ("failed", reason)
    count("an end of a run that must say why", 1)


def sender(run: RunFolder) -> "subprocess.Popen[bytes]":
    """Another process that sends SIGTERM to the supervisor and stays."""
    code = "import os, signal, sys; os.kill(int(sys.argv[1]), signal.SIGTERM); signal.pause()"
    return subprocess.Popen(python(code, proc_of(run).supervisor_pid))


@pytest.mark.parametrize(
    ("code", "said"),
    [(SAVER, "stopped at step 7, saved: {}"), (PAUSE, "stopped by {} before it could save")],
    ids=["saves", "cannot save"],
)
def test_a_sigterm_names_its_sender(run: RunFolder, code: str, said: str) -> None:
    launch(run, python(code, run.path))
    until_logged(run, "ready")
    name = Path(sys.executable).name[:15]
    with sender(run) as other:
        try:
            record = ended(run)
        finally:
            other.kill()
    who = f"SIGTERM from {getpass.getuser()} ({name}, pid {other.pid})"
    assert (record.outcome, record.reason) == ("stopped", said.format(who))


def by_command(run: RunFolder) -> None:
    stop_run(run, now=True)


def by_screen(run: RunFolder) -> None:
    stop_run(run, now=True, via="screen")


@pytest.mark.parametrize(("stop", "via"), [(by_command, "command line"), (by_screen, "screen")])
def test_a_stop_at_once_names_who_asked(run: RunFolder, stop: Callable[[RunFolder], None], via: str) -> None:
    launch(run, python(PAUSE))
    stop(run)
    who = f"{getpass.getuser()} on {socket.gethostname()} ({via})"
    assert ended(run).reason == f"stopped at once by {who}, without saving; there is no checkpoint"


def test_a_kill_of_another_users_is_no_stop_of_ours(run: RunFolder) -> None:
    launch(run, python(PAUSE))
    os.kill(proc_of(run).pid, signal.SIGKILL)
    assert "memory had not run out" in ended(run).reason
