"""What was submitted to SLURM for a run: ``slurm/NNNN.json``, one a job, numbered from 1.

The record is made before the job is: whoever makes it first, by an exclusive link, is the one who submits. It is
replaced by one with the job's id as soon as that is known. A submitter that dies in between leaves a record whose job
is found by its name, since that holds a key that no other submission has.
"""

import dataclasses
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ravetui.runs.atomic import read_json, sync_folder, write_json
from ravetui.runs.folder import RunFolder
from ravetui.runs.process import ProcessIdentity, identify

SUBMIT_SECONDS = 90.0
"""sbatch answers sooner or is killed: afterwards a submitter on another machine is taken for dead, seconds."""


@dataclass(frozen=True)
class Submission:
    """One job that was asked of SLURM."""

    number: int
    """Counted from 1 within the run."""
    key: str
    """Tells this submission from every other: part of the job's name."""
    job_name: str
    cluster: str
    user: str
    """Number of the user who submitted it."""
    host: str
    """The machine it was submitted on."""
    pid: int
    boot_id: str
    start_ticks: int
    """Of the process that submitted."""
    time: float
    """When it was begun, and when its job's id is known: when that was, Unix time, seconds."""
    base: int
    """How many attempts the run had before."""
    requeue: bool = True
    """Whether the job puts itself back into the queue before its time limit."""
    job_id: int | None = None
    """None until SLURM has answered."""

    @property
    def may_be_under_way(self) -> bool:
        """Whether somebody may still be submitting it."""
        who = ProcessIdentity(self.pid, self.boot_id, self.start_ticks)
        if self.host == os.uname().nodename or not self.pid:
            return identify(self.pid) == who
        return time.time() - self.time < SUBMIT_SECONDS


def log_path(run: RunFolder, number: int) -> Path:
    """What the job itself prints: the trainer's own words are in the attempts' logs."""
    return run.slurm / f"{number:04d}.log"


def newest_log(run: RunFolder) -> Path | None:
    """Where the newest process of a run prints: an attempt, or a job that has begun none; None before any."""
    attempts, submission = run.attempt_folders(), newest_submission(run)
    last = attempts[-1].number if attempts else 0
    if submission is not None and submission.base >= last:
        return log_path(run, submission.number)
    return attempts[-1].log if attempts else None


def newest_submission(run: RunFolder) -> Submission | None:
    """The newest one, or None when there is none that can be read."""
    for path in sorted(run.slurm.glob("[0-9]*.json"), reverse=True):
        try:
            return Submission(**(read_json(path) or {}))
        except TypeError:
            continue
    return None


def claim(run: RunFolder, submission: Submission) -> bool:
    """Make the record of a submission that is about to be made; False when somebody else has made that number's."""
    run.slurm.mkdir(exist_ok=True)
    beside = run.slurm / f".{submission.key}.json"
    write_json(beside, dataclasses.asdict(submission))
    try:
        os.link(beside, _path(run, submission))
    except FileExistsError:
        return False
    finally:
        beside.unlink()
    sync_folder(run.slurm)
    return True


def confirm(run: RunFolder, submission: Submission, job_id: int) -> Submission:
    """Note the job's id."""
    known = dataclasses.replace(submission, job_id=job_id, time=time.time())
    write_json(_path(run, known), dataclasses.asdict(known))
    return known


def abandon(run: RunFolder, submission: Submission) -> None:
    """Note that nobody is submitting it any more, though SLURM may have it: its answer will tell."""
    write_json(_path(run, submission), dataclasses.asdict(dataclasses.replace(submission, pid=0)))


def withdraw(run: RunFolder, submission: Submission) -> None:
    """Forget a submission that SLURM has refused."""
    _path(run, submission).unlink(missing_ok=True)


def forbid(run: RunFolder, submission: Submission) -> None:
    """Note for good that a person wants the job to end: it must not begin again, whoever requeues it."""
    write_json(_stop_path(run, submission), {"time": time.time(), "user": os.getuid(), "pid": os.getpid()})


def is_forbidden(run: RunFolder, submission: Submission) -> bool:
    """Whether a person has asked for its end."""
    return _stop_path(run, submission).exists()


@contextmanager
def allowed_again(run: RunFolder, submission: Submission) -> Iterator[None]:
    """Take the wish for the job's end back if what is done under this cannot be done."""
    try:
        yield
    except BaseException:
        _stop_path(run, submission).unlink(missing_ok=True)
        raise


def _path(run: RunFolder, submission: Submission) -> Path:
    return run.slurm / f"{submission.number:04d}.json"


def _stop_path(run: RunFolder, submission: Submission) -> Path:
    return run.slurm / f"{submission.number:04d}.stop"
