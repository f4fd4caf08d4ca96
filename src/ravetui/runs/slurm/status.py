"""What a run that was submitted to SLURM is doing: from SLURM, its folder, and its locks where they can be seen."""

import time
from dataclasses import dataclass, replace

from ravetui.runs import control
from ravetui.runs.folder import AttemptFolder, RunFolder
from ravetui.runs.format import duration, moment
from ravetui.runs.lock import is_held
from ravetui.runs.outcome import told_outcome
from ravetui.runs.record import ExitRecord, ProcRecord, read_exit, read_proc
from ravetui.runs.slurm.job import SlurmJob
from ravetui.runs.slurm.queue import Answer, accounted, queue
from ravetui.runs.slurm.submission import Submission, is_forbidden, newest_submission
from ravetui.runs.state import RunState, Status

SKEW = 5.0
"""Two machines' clocks may differ by so much, seconds."""
QUIET = 60.0
"""An attempt that has written nothing for so long is said to be silent where nobody can vouch for it, seconds."""
_WORDS = {
    "BOOT_FAIL": (RunState.FAILED, "its node did not boot"),
    "CANCELLED": (RunState.STOPPED, "cancelled through SLURM"),
    "DEADLINE": (RunState.FAILED, "SLURM's deadline for it passed"),
    "NODE_FAIL": (RunState.FAILED, "its node failed"),
    "OUT_OF_MEMORY": (RunState.FAILED, "out of memory, says SLURM"),
    "PREEMPTED": (RunState.STOPPED, "preempted by another job"),
    "TIMEOUT": (RunState.FAILED, "ended by SLURM at its time limit"),
}
"""What an end means that the trainer did not tell of."""
_SETTLED: dict[tuple[object, ...], Status] = {}
"""Ends that SLURM has confirmed: it is not asked about them again."""


@dataclass(frozen=True)
class _Case:
    """All that is known of a run's newest submission."""

    run: RunFolder
    submission: Submission
    attempt: AttemptFolder | None
    """Its newest attempt, None when its job has begun none."""
    exit: ExitRecord | None
    proc: ProcRecord | None
    job: SlurmJob | None
    answer: Answer

    def status(self, state: RunState, reason: str, since: float | None = None) -> Status:
        """A status of the newest attempt of the run."""
        known = self.attempt or next(reversed(self.run.attempt_folders()), None)
        live = state.is_live and self.proc is not None
        if self.answer.trouble and (state.is_live or state is RunState.QUEUED):
            reason += f"; {self.answer.trouble}"
        pid = self.proc.pid if self.proc and live else None
        return Status(state, reason, known.number if known else 0, pid, since, self.shown_job)

    @property
    def shown_job(self) -> SlurmJob:
        """The job, or its id alone when SLURM does not tell of it."""
        found = self.job or SlurmJob(self.submission.job_id or 0, self.submission.job_name, "")
        return replace(found, reason="") if found.is_over else found


def slurm_status(run: RunFolder) -> Status | None:
    """The state of a run whose newest process is a job of SLURM's; None when it is not."""
    submission = newest_submission(run)
    if submission is None:
        return None
    attempts = run.attempt_folders()
    newest = attempts[-1] if attempts and attempts[-1].number > submission.base else None
    proc = read_proc(newest) if newest else None
    if proc is not None and proc.submission != submission.number:
        return None
    ended = read_exit(newest) if newest else None
    case = _Case(run, submission, newest, ended, proc, None, Answer())
    if ended is not None and (ended.outcome == "finished" or is_forbidden(run, submission)):
        return case.status(RunState(ended.outcome), ended.reason, ended.ended)
    mark = (run.path, submission.key, newest.number if newest else 0, ended.ended if ended else 0.0)
    if mark in _SETTLED:
        return _SETTLED[mark]
    answer = queue().answer(submission.user, max(submission.time, ended.ended if ended else 0.0))
    if answer.cluster and answer.cluster != submission.cluster:
        answer = Answer(trouble=f"it was submitted to cluster {submission.cluster}, and this is {answer.cluster}")
    status = _derive(replace(case, job=answer.job(submission), answer=answer))
    if status is not None and not answer.trouble and not status.state.is_live and status.state is not RunState.QUEUED:
        _SETTLED[mark] = status
    return status


def _derive(case: _Case) -> Status | None:
    job = case.job
    if job is None:
        return _silent(case) if case.answer.trouble or not case.answer.asked else _unknown(case)
    if job.waits:
        return case.status(RunState.QUEUED, pending_words(job))
    return _over(case, job) if job.is_over else _at_work(case, job)


def pending_words(job: SlurmJob, now: float | None = None) -> str:
    """``pending: Resources, starts about 2026-11-24 14:30``, with SLURM's own reason."""
    words = f"pending: {job.reason}" if job.reason else "pending"
    soon = job.starts is not None and job.starts >= (time.time() if now is None else now) - 60.0
    return f"{words}, starts about {moment(job.starts)}" if job.starts is not None and soon else words


def _at_work(case: _Case, job: SlurmJob) -> Status:
    """SLURM has given it a node."""
    if job.state in ("COMPLETING", "STAGE_OUT"):
        said = f"{case.exit.reason}; its job ends" if case.exit else "its job ends"
        return case.status(RunState.STOPPING, said, case.exit.ended if case.exit else None)
    # What an earlier life of the job left behind says nothing of this one.
    began = job.starts or 0.0
    if case.exit is not None and case.exit.ended >= began:
        if case.attempt is not None and case.attempt.requeue.exists():
            return case.status(RunState.QUEUED, f"{case.exit.reason}; it goes back into SLURM's queue")
        return case.status(RunState.STOPPING, f"{case.exit.reason}; its job ends", case.exit.ended)
    if case.exit is not None or case.proc is None or case.proc.started < began - SKEW:
        where = f" on {job.nodes}" if job.nodes else ""
        return replace(case, proc=None).status(RunState.RUNNING, f"starting{where}", job.starts)
    if _stop_wanted(case):
        return case.status(RunState.STOPPING, "saving, then exits", case.proc.started)
    doing = "training" if job.state == "RUNNING" else f"training, says its folder; {job.state.lower()}, says SLURM"
    return case.status(RunState.RUNNING, doing, case.proc.started)


def _over(case: _Case, job: SlurmJob) -> Status:
    """SLURM says that it has ended."""
    untold = RunState.FAILED, f"its job ended ({job.state.lower()}) and no exit was recorded"
    state, words = _WORDS.get(job.state, untold)
    if job.by:
        words += f" by {job.by}"
    if is_forbidden(case.run, case.submission):
        state, words = RunState.STOPPED, "cancelled before it started" if case.attempt is None else "stopped at once"
    if case.exit is not None:
        reason = f"{case.exit.reason}; {words}" if job.state in _WORDS else case.exit.reason
        return case.status(RunState(case.exit.outcome), reason, case.exit.ended)
    if case.attempt is not None and (told := told_outcome(case.run, case.attempt)) is not None:
        reason = f"{told.reason}; {words}" if told.outcome == "stopped" and job.state in _WORDS else told.reason
        return case.status(RunState(told.outcome), reason, told.when)
    if case.attempt is None and state is not RunState.STOPPED:
        return case.status(state, f"{words}: see `ravetui run log {case.run.name}`", job.ends)
    return case.status(state, words, job.ends)


def _unknown(case: _Case) -> Status | None:
    """SLURM answers and does not know it: refused, not submitted yet, or forgotten (MinJobAge)."""
    submission = case.submission
    if submission.job_id is None:
        return case.status(RunState.QUEUED, "being submitted") if submission.may_be_under_way else None
    if case.exit is not None:
        return case.status(RunState(case.exit.outcome), case.exit.reason, case.exit.ended)
    if case.answer.asked < submission.time + SKEW:
        return case.status(RunState.QUEUED, f"submitted as job {submission.job_id}")
    if is_held(case.run.live_lock):
        return case.status(RunState.UNSUPERVISED, "training, but SLURM no longer knows its job")
    if (found := accounted(submission)) is not None and found.is_over:
        return _over(case, found)
    if case.attempt is None:
        wanted = is_forbidden(case.run, submission)
        words = "cancelled before it started" if wanted else f"its SLURM job {submission.job_id} is gone, never begun"
        return case.status(RunState.STOPPED, words)
    if (told := told_outcome(case.run, case.attempt)) is not None:
        return case.status(RunState(told.outcome), told.reason, told.when)
    return case.status(RunState.LOST, f"SLURM no longer knows job {submission.job_id}, and no exit was recorded")


def _silent(case: _Case) -> Status:
    """Nothing is heard from SLURM and nothing was known of the job: the folder and the locks alone tell."""
    if case.exit is not None:
        if case.attempt is not None and case.attempt.requeue.exists():
            return case.status(RunState.QUEUED, f"{case.exit.reason}; it went back into SLURM's queue")
        return case.status(RunState(case.exit.outcome), case.exit.reason, case.exit.ended)
    if case.attempt is None:
        number = case.submission.job_id
        return case.status(RunState.QUEUED, "being submitted" if number is None else f"submitted as job {number}")
    since = case.proc.started if case.proc else None
    if _stop_wanted(case):
        return case.status(RunState.STOPPING, "saving, then exits", since)
    if is_held(case.run.live_lock):
        return case.status(RunState.RUNNING, "training", since)
    silent = time.time() - _last_sign(case.attempt)
    heard = "training" if silent < QUIET else f"training when last heard of, {duration(silent)} ago"
    return case.status(RunState.RUNNING, heard, since)


def _stop_wanted(case: _Case) -> bool:
    return "stop" in control.pending(case.run) or is_forbidden(case.run, case.submission)


def _last_sign(attempt: AttemptFolder) -> float:
    """When the attempt last wrote something, Unix time, seconds."""
    paths = (attempt.path, attempt.log, *attempt.metrics.glob("*.bin"))
    return max((path.stat().st_mtime for path in paths if path.exists()), default=0.0)
