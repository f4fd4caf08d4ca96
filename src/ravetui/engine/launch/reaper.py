"""How the shim waits for a process and takes away what it leaves behind."""

import ctypes
import os
import signal
import time
from dataclasses import dataclass

from ravetui.runs.process import children, identify

WATCHED = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1}
"""Blocked and waited for: a signal that comes a moment too early is then pending, never lost."""
GRACE = 0.5
"""Orphans get this long to go by themselves, as multiprocessing's resource tracker does, and again after SIGTERM; s."""
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Ended:
    """How the process ended."""

    exit_code: int | None
    signal: int | None
    terminated: bool
    """Whether SIGTERM was sent to the shim, and passed on, before."""
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
    terminated = warned = False
    while True:
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            if found[0] == pid:
                code = os.waitstatus_to_exitcode(found[1])
                return Ended(code if code >= 0 else None, -code if code < 0 else None, terminated, warned)
        number = signal.sigwait(WATCHED)
        if number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            terminated, warned = True, warned or number == signal.SIGUSR1
            os.kill(pid, signal.SIGTERM)


def kill_orphans() -> list[int]:
    """Take away every process that was left behind, and whatever those leave; the pids that had to be killed."""
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
    return [pid for pid in children(os.getpid()) if identify(pid) is not None]


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
        if left <= 0:
            return
        signal.sigtimedwait(WATCHED, left)
