"""Whether a run trains, and why not: derived from locks and records at every look, never stored."""

from dataclasses import dataclass
from pathlib import Path

from ravetui.runs import control
from ravetui.runs.folder import AttemptFolder, RunFolder
from ravetui.runs.lock import is_held
from ravetui.runs.outcome import told_outcome
from ravetui.runs.process import boot_id
from ravetui.runs.queue import place_words, queue_of
from ravetui.runs.record import ExitRecord, ProcRecord, read_exit, read_proc
from ravetui.runs.run_state import RunState as RunState
from ravetui.runs.slurm.job import SlurmJob


@dataclass(frozen=True)
class Status:
    """The state of a run with its one-sentence reason."""

    state: RunState
    reason: str
    attempt: int
    """The newest attempt; 0 when there was none."""
    pid: int | None
    """The trainer's, while it lives."""
    since: float | None
    """Unix time of the start, or of the end when it has ended, seconds."""
    job: SlurmJob | None = None
    """The newest process's job, when SLURM was asked to run it."""

    @property
    def waits_in_slurm(self) -> bool:
        """Whether it has a job that has not begun."""
        return self.state is RunState.QUEUED and self.job is not None

    @property
    def sentence(self) -> str:
        """State and reason, no word twice: ``failed: CUDA out of memory``, ``stopped at step 25, saved``."""
        return self.reason if self.reason.startswith(self.state) else f"{self.state}: {self.reason}"


def run_status(run: RunFolder) -> Status:
    """Look at a run's locks and newest attempt, or at SLURM's queue when it is a job of SLURM's; then at ours."""
    status = _slurm_status(run) or _attempt_status(run)
    return status if status.state.goes_on else _waiting(run, status) or status


def _slurm_status(run: RunFolder) -> Status | None:
    if not run.slurm.is_dir():
        return None
    # Only then: most runs are never submitted, and a look has to be cheap.
    from ravetui.runs.slurm.status import slurm_status

    return slurm_status(run)


def _waiting(run: RunFolder, status: Status) -> Status | None:
    queue = queue_of(run).read()
    place = queue.place(run.name)
    if place is None:
        return None
    since = queue.entries[place].queued
    return Status(RunState.QUEUED, place_words(queue, place), status.attempt, None, since)


def _attempt_status(run: RunFolder) -> Status:
    attempts = run.attempt_folders()
    if not attempts:
        if is_held(run.supervisor_lock):
            return Status(RunState.RUNNING, "starting", 0, None, None)
        return Status(RunState.STOPPED, "created, never started", 0, None, None)
    newest = attempts[-1]
    status = process_status(newest, run.live_lock, run.supervisor_lock)
    if status.state.is_live and "stop" in control.pending(run):
        return Status(RunState.STOPPING, "saving, then exits", newest.number, status.pid, status.since)
    if status.state is RunState.LOST and (told := told_outcome(run, newest)) is not None:
        return Status(RunState(told.outcome), told.reason, newest.number, None, told.when)
    return Status(status.state, status.reason, newest.number, status.pid, status.since)


def process_status(folder: AttemptFolder, live_lock: Path, supervisor_lock: Path, doing: str = "training") -> Status:
    """Look at one supervised process: an attempt of a run, or a job.

    Args:
        doing: What it is said to do while it lives.
    """
    if (ended := read_exit(folder)) is not None:
        return _ended(ended)
    supervised, alive = is_held(supervisor_lock), is_held(live_lock)
    proc = read_proc(folder)
    if supervised:
        return _live(RunState.RUNNING, doing if proc else "starting", proc)
    if alive:
        return _live(RunState.UNSUPERVISED, f"{doing}, but its supervisor is gone: no exit will be recorded", proc)
    # The shim may have written its record and left between the first look and the locks.
    if (ended := read_exit(folder)) is not None:
        return _ended(ended)
    return Status(RunState.LOST, _why_lost(proc), 0, None, proc.started if proc else None)


def _ended(record: ExitRecord) -> Status:
    return Status(RunState(record.outcome), record.reason, 0, None, record.ended)


def _live(state: RunState, reason: str, proc: ProcRecord | None) -> Status:
    return Status(state, reason, 0, proc.pid if proc else None, proc.started if proc else None)


def _why_lost(proc: ProcRecord | None) -> str:
    if proc is None:
        return "its supervisor died before the process began"
    if proc.boot_id != boot_id():
        return "the machine was restarted while it ran"
    return "it and its supervisor were killed together: no exit was recorded"
