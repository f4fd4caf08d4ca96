"""Why a process ended, in one sentence."""

import re
import signal
import time

from ravetui.engine.launch.cause import plainly
from ravetui.engine.launch.reaper import Ended
from ravetui.runs.asker import asker_words
from ravetui.runs.atomic import read_json
from ravetui.runs.folder import AttemptFolder, RunFolder
from ravetui.runs.outcome import told_outcome
from ravetui.runs.record import ExitRecord

LOG_TAIL = 1 << 16
"""Bytes of the log in which the last line is looked for."""
LONGEST = 300
"""Characters of a log line that are kept."""
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")
_MEANING = {
    signal.SIGHUP: "its terminal was closed",
    signal.SIGXCPU: "its limit of processor time was reached, see ulimit -t",
    signal.SIGXFSZ: "a file reached the size limit, see ulimit -f",
    signal.SIGKILL: "from outside: out of memory, or by hand",
    signal.SIGTERM: "from outside: by hand, or by the system",
    signal.SIGSEGV: "it crashed in native code",
    signal.SIGBUS: "it crashed in native code: a mapped file was cut, or the disk is full",
    signal.SIGABRT: "native code gave up",
    signal.SIGILL: "native code was built for another processor",
    signal.SIGFPE: "native code divided by zero",
}


def exit_record(run: RunFolder | None, attempt: AttemptFolder, ended: Ended, orphans: list[int]) -> ExitRecord:
    """What ``exit.json`` will say.

    The trainer's own last event counts more than its exit code: a clean stop may end with another code (torchrun's
    does).

    Args:
        run: The run of the attempt; None for a job, which tells nothing but its exit code.
        orphans: Pids that it left behind and that were killed.
    """
    outcome, reason = _by_exit(attempt, ended, finishes=run is None)
    # An intent to kill explains no other end than the kill.
    if run is not None and (told := told_outcome(run, attempt, intent=ended.signal == signal.SIGKILL)) is not None:
        outcome, reason = told.outcome, told.reason
        # SLURM's own daemon sends it for somebody else: who and why, SLURM says itself.
        by_slurm = ended.warned or "slurmstepd" in ended.sender
        if outcome == "stopped" and ended.terminated and ended.sender and not by_slurm:
            reason += f": SIGTERM from {ended.sender}"
    if run is None and ended.signal == signal.SIGKILL and (asked := read_json(attempt.stop_now)) is not None:
        who = asker_words(asked)
        outcome, reason = "stopped", f"cancelled by {who}" if who else "cancelled"
    if ended.warned and outcome == "stopped":
        reason = f"{reason}: the time limit of its job is near"
    by_system = ended.by_system and outcome == "stopped"
    return ExitRecord(outcome, reason, ended.exit_code, ended.signal, time.time(), orphans, by_system)


def last_line(attempt: AttemptFolder) -> str:
    """The last line of the log that says anything, without escape sequences; empty when there is none."""
    try:
        with attempt.log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(size - LOG_TAIL, 0))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    lines = (_ESCAPES.sub("", line).strip() for line in re.split(r"[\r\n]", text))
    said = next((line for line in reversed(list(lines)) if line), "")
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"


def killed_by(number: int) -> str:
    """``killed by SIGKILL`` with what that means, or by the number of a signal that has no name."""
    try:
        known = signal.Signals(number)
    except ValueError:
        return f"killed by signal {number}"
    return f"killed by {known.name} ({_MEANING[known]})" if known in _MEANING else f"killed by {known.name}"


def _by_exit(attempt: AttemptFolder, ended: Ended, *, finishes: bool) -> tuple[str, str]:
    """Outcome and reason from the exit code or signal alone."""
    if ended.signal is not None:
        if ended.signal == signal.SIGTERM and ended.terminated:
            who = f" from {ended.sender}" if ended.sender else ""
            return "stopped", f"stopped by SIGTERM{who} before it could save"
        if ended.signal == signal.SIGKILL and ended.memory is not None:
            return "failed", _killed(ended.memory)
        said = last_line(attempt) if ended.signal == signal.SIGABRT else ""
        return "failed", killed_by(ended.signal) + (f": {said}" if said else "")
    if ended.exit_code:
        return "failed", plainly(last_line(attempt)) or f"exit code {ended.exit_code}, and the log says nothing"
    return ("finished", "done") if finishes else ("stopped", "ended without saying why")


def _killed(memory: str) -> str:
    """SIGKILL where the kernel tells whether it was for want of memory."""
    if memory:
        return f"killed by the kernel: {memory}"
    return "killed by SIGKILL (by hand or by another program: memory had not run out)"
