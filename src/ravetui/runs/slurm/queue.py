"""SLURM's queue as this process knows it: one squeue for all runs, asked seldom, never waited for long."""

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from ravetui.errors import RavetuiError
from ravetui.runs.slurm.command import SILENT, slurm
from ravetui.runs.slurm.job import SACCT_FIELDS, SEPARATOR, SQUEUE_FORMAT, SlurmJob, parse_sacct, parse_squeue
from ravetui.runs.slurm.submission import Submission

MAX_AGE = 5.0
"""An answer is asked for anew when it is older than this, seconds."""
FIRST_WAIT, WAIT = 5.0, 1.0
"""How long a look waits for SLURM's first answer, and for a later one, seconds; what was known is told then."""
COMMAND_SECONDS = 15.0
"""How long squeue itself may take, behind the looks."""


@dataclass(frozen=True)
class Answer:
    """What is known of the queue."""

    asked: float = 0.0
    """When SLURM was asked for it, Unix time, seconds; 0: it has never answered."""
    cluster: str = ""
    users: frozenset[str] = frozenset()
    """Whose jobs were asked for, as numbers."""
    jobs: Mapping[str, SlurmJob] = field(default_factory=dict)
    """By name, the newest of each."""
    trouble: str = ""
    """Why there is nothing newer, one sentence without its full stop; empty when all is well."""

    def job(self, submission: Submission) -> SlurmJob | None:
        """The job of a submission: by its name, since ids begin at 1 again when a controller loses its state."""
        return self.jobs.get(submission.job_name)


class SlurmQueue:
    """Asks in a thread behind the looks, so that no screen stands still when the controller does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known = Answer()
        self._tried = 0.0
        self._users = frozenset({str(os.getuid())})
        self._asking: threading.Thread | None = None

    def answer(self, user: str, not_before: float) -> Answer:
        """What is known of the queue, from SLURM if that is needed.

        Args:
            user: Whose jobs must be among it.
            not_before: An answer that was asked for before this time will not do, Unix time, seconds; a time to come
                (clocks differ) stands for a second ago.
        """
        with self._lock:
            self._users |= {user}
            now = time.time()
            stranger = not self._users <= self._known.users and not self._known.trouble
            wanted = not_before if not_before <= now else now - 1.0
            due = stranger or now - self._tried > MAX_AGE or self._tried < wanted
            if self._asking is None and due:
                self._tried = now
                self._asking = threading.Thread(target=self._ask, args=(now, self._users), daemon=True)
                self._asking.start()
            asking, wait = self._asking, WAIT if self._known.asked else FIRST_WAIT
            # Whoever has kept silent once is not waited for again until it answers.
            left = 0.0 if self._known.trouble else self._tried + wait - now
        if asking is not None:
            asking.join(max(left, 0.0))
        with self._lock:
            late = self._known.asked < wanted or time.time() - self._tried > FIRST_WAIT
            if self._asking is not None and late and not self._known.trouble:
                return replace(self._known, trouble="SLURM has not answered yet")
            return self._known

    def _ask(self, now: float, users: frozenset[str]) -> None:
        try:
            words = ["squeue", "--noheader", "--states=all", f"--user={','.join(sorted(users))}"]
            jobs = parse_squeue(slurm([*words, f"--format={SQUEUE_FORMAT}"], seconds=COMMAND_SECONDS))
            by_name = {job.name: job for job in sorted(jobs, key=lambda job: job.id)}
            fresh = Answer(now, self._known.cluster or cluster_name(), users, by_name)
        except RavetuiError as error:
            said = error.message.rstrip(".")
            fresh = replace(self._known, trouble=f"{SILENT} ({said})" if error.title == SILENT else said)
        except BaseException as error:
            fresh = replace(self._known, trouble=f"{SILENT} ({type(error).__name__}: {error})")
        with self._lock:
            self._known, self._asking = fresh, None


def queue() -> SlurmQueue:
    """This process's view of the cluster that its environment names."""
    return _queue(os.environ.get("SLURM_CONF", ""))


@cache
def _queue(_configuration: str) -> SlurmQueue:
    return SlurmQueue()


def cluster_name() -> str:
    """What the cluster calls itself.

    Raises:
        RunError: SLURM is not here or does not answer.
    """
    text = slurm(["scontrol", "show", "config"], seconds=COMMAND_SECONDS)
    pairs = (line.partition("=") for line in text.splitlines())
    return next((value.strip() for name, _, value in pairs if name.strip() == "ClusterName"), "")


def accounted(submission: Submission) -> SlurmJob | None:
    """How a job that SLURM's controller has forgotten ended, from its accounting; None where there is no such.

    What is not told within :data:`FIRST_WAIT` is not told.
    """
    if submission.job_id is None:
        return None
    words = ["sacct", "--allocations", "--noheader", "--parsable2", f"--delimiter={SEPARATOR}"]
    words += [f"--jobs={submission.job_id}", f"--format={','.join(SACCT_FIELDS)}"]
    try:
        found = parse_sacct(slurm(words, seconds=FIRST_WAIT))
    except RavetuiError:
        return None
    return next((job for job in reversed(found) if job.name == submission.job_name), None)
