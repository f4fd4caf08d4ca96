"""How the shim waits for a process and takes away what it leaves behind."""

import ctypes
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from ravetui.engine.launch.memory import killed_since, oom_kills
from ravetui.runs.asker import is_system, process_words
from ravetui.runs.process import children, identify

WATCHED = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1}
"""Blocked and waited for: a signal that comes a moment too early is then pending, never lost."""
GRACE = 0.5
"""Orphans get this long to go by themselves, as multiprocessing's resource tracker does, and again after SIGTERM; s."""
MEMORY_SECONDS = 60.0
"""A kill for want of memory in the last so many seconds may have been this one's; an older one was another's."""
_PR_SET_CHILD_SUBREAPER = 36
_SHIM = b"ravetui.engine.launch.shim"


@dataclass(frozen=True)
class Ended:
    """How the process ended."""

    exit_code: int | None
    signal: int | None
    terminated: bool
    """Whether SIGTERM was sent to the shim, and passed on, before."""
    sender: str = ""
    """Who sent it, in words; empty when it is not known."""
    by_system: bool = False
    """Whether that was the system, as at a shutdown."""
    memory: str | None = None
    """Where memory had just run out (:func:`ravetui.engine.launch.memory.killed_since`)."""
    warned: bool = False
    """Whether SIGUSR1 was, with which SLURM tells that a job's time limit is near."""


def become_reaper() -> None:
    """Block the watched signals and adopt whatever the process will leave behind (prctl(2))."""
    for number in WATCHED:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def wait_for_end(pid: int) -> Ended:
    """Wait for a child.

    SIGTERM, SIGINT and SIGUSR1 are passed on to it as SIGTERM, and to it alone: its data loaders must live until it has
    saved.
    """
    terminated, warned, sender, by_system, kills = False, False, "", False, oom_kills()
    while True:
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            if found[0] == pid:
                code = os.waitstatus_to_exitcode(found[1])
                memory = killed_since(kills, oom_kills())
                exit_code, number = (code, None) if code >= 0 else (None, -code)
                return Ended(exit_code, number, terminated, sender, by_system, memory, warned)
        heard = signal.sigtimedwait(WATCHED, MEMORY_SECONDS)
        if heard is None:
            kills = oom_kills()
        elif heard.si_signo in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            terminated, warned = True, warned or heard.si_signo == signal.SIGUSR1
            sender = process_words(heard.si_pid, heard.si_uid)
            by_system = is_system(heard.si_pid)
            os.kill(pid, signal.SIGTERM)


def kill_orphans() -> list[int]:
    """Take away every process that was left behind, and whatever those leave; the pids that had to be killed.

    A scoring that the trainer has started has a supervisor of its own, and stays.
    """
    _reap_until_none(GRACE)
    killed: dict[int, None] = {}
    number = signal.SIGTERM
    while left := _living_children():
        for pid in left:
            os.kill(pid, number)
        killed.update(dict.fromkeys(left))
        _reap_until_none(GRACE)
        number = signal.SIGKILL
    return list(killed)


def _living_children() -> list[int]:
    """Those that nobody looks after: the supervisor of a job that the process started goes on with it."""
    return [pid for pid in children(os.getpid()) if identify(pid) is not None and not _is_supervisor(pid)]


def _is_supervisor(pid: int) -> bool:
    try:
        return _SHIM in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def _reap_until_none(seconds: float) -> None:
    """Reap children as they end, until there is none or the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        left = deadline - time.monotonic()
        if left <= 0 or not _living_children():
            return
        signal.sigtimedwait(WATCHED, left)
