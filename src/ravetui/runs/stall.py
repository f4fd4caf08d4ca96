"""A run that trains and does not move: it is not dead, and it is said what to look at."""

import contextlib
import os
import shutil
import socket
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ravetui.runs.folder import AttemptFolder, RunFolder
from ravetui.runs.format import duration
from ravetui.runs.journal import Records
from ravetui.runs.process import is_halted
from ravetui.runs.record import ProcRecord, read_proc
from ravetui.runs.spec import RunSpec
from ravetui.runs.state import Status

SHORTEST = 60.0
"""A pause shorter than this is none, seconds."""
STEPS, VALIDATIONS = 10, 3
"""A pause is too long when it takes this many times the median step, or the median validation with its step."""
UNKNOWN = 900.0
"""As long as no step, or no validation, has been timed: reading data and compiling take minutes, seconds."""
WINDOW = 2000
"""So many of the newest steps tell a run's own pace."""


@dataclass(frozen=True)
class Stall:
    """How long a run that trains has done nothing."""

    seconds: int
    sentence: str
    """``no step for 4 min 02 s``."""
    advice: str
    """What to type, or what to look at."""


class StallWatch:
    """Looks at one run again and again.

    From the second look on, the clock counts that never jumps: what was seen to move a moment ago has not stood still
    for an hour, whatever the time of day.
    """

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._newest: float | None = None
        self._since = 0.0

    def look(self, status: Status, spec: RunSpec, steps: Records) -> Stall | None:
        """How long the run has stood still; None while it moves, or does not train.

        Args:
            status: Of the same look.
            steps: Records of the table ``steps``, ascending.
        """
        attempt = self._run.attempt(status.attempt)
        proc = read_proc(attempt) if status.state.is_live and status.attempt else None
        if proc is None:
            self._newest = None
            return None
        own = steps[steps["time"] >= proc.started]
        silent = self._silence(_newest_sign(self._run, attempt, proc, own))
        if is_halted(proc.identity):
            return Stall(int(silent), "halted by a signal (SIGSTOP)", f"`kill -CONT {proc.pid}` lets it go on.")
        if silent <= longest_pause(spec, own):
            return None
        return Stall(int(silent), f"no step for {duration(int(silent))}", _advice(proc))

    def _silence(self, newest: float) -> float:
        """Seconds since the newest sign of life."""
        now = time.monotonic()
        if newest != self._newest:
            known = self._newest is not None
            self._newest, self._since = newest, now if known else now - max(time.time() - newest, 0.0)
        return now - self._since


def longest_pause(spec: RunSpec, steps: Records) -> float:
    """The longest pause that is none, seconds: from the run's own pace.

    Args:
        steps: Records of the table ``steps`` of the present attempt, ascending.
    """
    recent = steps[-WINDOW:]
    if len(recent) < 2:
        return UNKNOWN
    gaps = np.diff(recent["time"])
    after = recent["step"][:-1] % spec.training.validate_every == 0
    validation = VALIDATIONS * float(np.median(gaps[after])) if after.any() else UNKNOWN
    return max(SHORTEST, STEPS * float(np.median(gaps)), validation)


def _newest_sign(run: RunFolder, attempt: AttemptFolder, proc: ProcRecord, steps: Records) -> float:
    """When anything was last heard of the trainer: a step, a word in its log, an event; Unix time, seconds."""
    signs = [proc.started, *(float(moment) for moment in steps["time"][-1:])]
    for path in (run.events, attempt.log):
        with contextlib.suppress(OSError):
            signs.append(path.stat().st_mtime)
    return max(signs)


def _advice(proc: ProcRecord) -> str:
    """Where to look for the reason."""
    folders = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    there = "" if shutil.which("py-spy", path=folders) else " (pip install py-spy)"
    where = "" if proc.host == socket.gethostname() else f" on {proc.host}"
    return f"`py-spy dump --pid {proc.pid}`{where} shows where it is{there}."
