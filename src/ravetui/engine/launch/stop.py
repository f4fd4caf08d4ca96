"""Stopping a run, and waiting for what becomes of it."""

import signal
import time
from collections.abc import Callable
from pathlib import Path

from ravetui.engine.launch.queueing import take_out
from ravetui.engine.launch.slurm.cancel import cancel_job
from ravetui.errors import RunError
from ravetui.runs import control
from ravetui.runs.asker import asker
from ravetui.runs.atomic import create_json
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import duration
from ravetui.runs.process import send_signal
from ravetui.runs.record import read_proc
from ravetui.runs.slurm.submission import forbid, newest_submission
from ravetui.runs.state import RunState, Status, run_status

LOOK_SECONDS = 0.1
"""Time between two looks while waiting, seconds."""
FRESH_SECONDS = 5.0
"""Whoever said that it ends a run has done so by then, or is dead."""


def stop_run(run: RunFolder, *, now: bool = False, via: str = "command line") -> str:
    """Ask a run to save and end, or end it at once; one that waits in the queue, ours or SLURM's, is taken out.

    Args:
        now: Kill its process without saving; what was not saved is lost.
        via: How it is asked for, ``screen`` or ``command line``: the run's end says so.

    Returns:
        What happens next, in one sentence.

    Raises:
        RunError: It does not run, its process cannot be signalled from here, or SLURM refuses.
    """
    if take_out(run):
        return f"{run.name} does not wait any more: it was taken out of the queue."
    status = run_status(run)
    if status.waits_in_slurm or (status.job is not None and status.state.is_live and now):
        return cancel_job(run, status)
    if not status.state.is_live:
        raise RunError("Not running", f"{run.name} is not running; {status.sentence}.")
    if now:
        return _kill(run, status, via)
    already = f"{run.name} is stopping already: it saves after the present step; --now ends it at once."
    if status.state is RunState.STOPPING:
        return already
    if status.job is not None and (submission := newest_submission(run)) is not None:
        # A job that SLURM requeues before it has obeyed begins anew, and must not.
        forbid(run, submission)
    if not control.request(run, "stop", via):
        return already
    return f"{run.name} saves after the present step and ends."


def wait_for(run: RunFolder, until: Callable[[RunState], bool], timeout: float | None = None) -> Status:
    """Wait until a run's state is as wanted.

    Args:
        until: Whether this state is.
        timeout: Seconds; None waits as long as it takes.

    Raises:
        RunError: The time is over.
    """
    deadline = None if timeout is None else time.monotonic() + timeout
    while not until((status := run_status(run)).state):
        if deadline is not None and time.monotonic() >= deadline:
            waited = duration(timeout)
            raise RunError("Still waiting", f"{run.name} is {status.state} ({status.reason}) after {waited}.")
        time.sleep(LOOK_SECONDS)
    return status


def _kill(run: RunFolder, status: Status, via: str) -> str:
    attempt = run.attempt(status.attempt)
    proc = read_proc(attempt) if status.attempt else None
    if proc is None:
        raise RunError("Just starting", f"{run.name} is just starting: its process is not known yet.", "Try again.")
    # The intent comes first, so that whoever records the end knows that the kill was wanted.
    # Of two at once the second leaves the signal to the first: else the first could find nobody, and withdraw.
    if not create_json(attempt.stop_now, {"time": time.time(), **asker(via)}) and _is_fresh(attempt.stop_now):
        return f"{run.name} is being ended at once already."
    try:
        there = send_signal(proc.identity, signal.SIGKILL)
    except PermissionError:
        attempt.stop_now.unlink(missing_ok=True)
        raise RunError("Not yours", f"Process {proc.pid} of {run.name} belongs to another user.") from None
    if not there:
        attempt.stop_now.unlink(missing_ok=True)
        raise RunError("Not there", f"Process {proc.pid} of {run.name} is not on this machine, or has just ended.")
    return f"{run.name} was stopped at once, without saving."


def _is_fresh(intent: Path) -> bool:
    try:
        return time.time() - intent.stat().st_mtime < FRESH_SECONDS
    except FileNotFoundError:
        return False
