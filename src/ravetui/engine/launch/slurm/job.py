"""The supervisor of a run inside a job of SLURM's: ``python -P -m ravetui.engine.launch.slurm.job RUN KEY``.

It stands where the batch script's shell stood. SIGUSR1 tells it that the time limit is near: the trainer saves, and the
job goes back into the queue, where its next life resumes. SIGTERM comes before SLURM ends or requeues the job itself.
"""

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from ravetui.engine.launch.reaper import Ended
from ravetui.engine.launch.shim import REFUSED, Supervised, supervise
from ravetui.engine.launch.trainer_command import trainer_command
from ravetui.errors import RavetuiError
from ravetui.runs import control
from ravetui.runs.atomic import read_json, write_json
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.events import append_event, read_events
from ravetui.runs.folder import AttemptFolder, RunFolder
from ravetui.runs.lock import is_held
from ravetui.runs.outcome import told_outcome
from ravetui.runs.slurm.command import SILENT, slurm
from ravetui.runs.slurm.submission import Submission, confirm, is_forbidden, newest_submission

PATIENCE = 60.0
"""How long it waits for a process of the run that still lives, seconds: that of a node given up too early, say."""
REQUEUE_SECONDS = 120.0
"""How long it goes on asking a controller that does not answer, seconds; few time limits leave more."""


@dataclass(frozen=True, kw_only=True)
class SlurmTask(Supervised):
    """A run that is trained in a job."""

    job: Submission

    def prepare(self) -> AttemptFolder:
        """Make the attempt's folder; a stop that was asked for before is asked for again."""
        attempt = super().prepare()
        assert self.run is not None
        if is_forbidden(self.run, self.job):
            control.request(self.run, "stop", via=None)
        return attempt

    def about_to_end(self, attempt: AttemptFolder, ended: Ended) -> None:
        """Note that the job will go back into the queue, if it will."""
        assert self.run is not None
        if not (ended.warned and self.job.requeue):
            return
        told = told_outcome(self.run, attempt, intent=False)
        if is_forbidden(self.run, self.job) or _by_a_rule(self.run, attempt) or (told and told.outcome != "stopped"):
            return
        step = newest_step(self.run)
        if _requeued_at(self.run, attempt.number - 1) == step:
            reason = "twice the job's time limit left no time to train: not requeued; raise slurm.time"
            append_event(self.run.events, "warned", attempt=attempt.number, reason=reason)
            return
        write_json(attempt.requeue, {"time": time.time(), "step": step})


def newest_step(run: RunFolder) -> int:
    """Step of the newest checkpoint, -1 when there is none."""
    return max((item.step for item in list_checkpoints(run)), default=-1)


def main(path: Path, key: str) -> int:
    """Train in this job, and requeue it if its time was too short."""
    run = RunFolder(path)
    job_id, submission = os.environ["SLURM_JOB_ID"], newest_submission(run)
    if submission is None or submission.key != key:
        return _refuse(f"{run.name} has been submitted anew: this job is not the one that is to train it")
    if submission.job_id is None:
        submission = confirm(run, submission, int(job_id))
    if is_forbidden(run, submission):
        return _refuse(f"{run.name} was stopped before this job began")
    if not _alone(run):
        return _refuse(f"a process of {run.name} still lives, {PATIENCE:.0f} s after this job began")
    os.chdir("/")
    leash = [sys.executable, "-P", "-m", "ravetui.engine.launch.slurm.leash", str(os.getpid())]
    task = SlurmTask(run, [*leash, *trainer_command(run)], submission.number, job=submission)
    if supervise(task) is None:
        return REFUSED
    attempt = run.attempt_folders()[-1]
    if attempt.requeue.exists():
        return _requeue(run, attempt, job_id)
    told = told_outcome(run, attempt)
    return 0 if told is not None and told.outcome != "failed" else 1


def _requeue(run: RunFolder, attempt: AttemptFolder, job_id: str) -> int:
    deadline = time.monotonic() + REQUEUE_SECONDS
    while True:
        try:
            slurm(["scontrol", "requeue", job_id], seconds=REQUEUE_SECONDS)
        except RavetuiError as error:
            if error.title == SILENT and time.monotonic() < deadline:
                time.sleep(1.0)
                continue
            attempt.requeue.unlink()
            append_event(run.events, "warned", attempt=attempt.number, reason=f"not requeued: {error.message}")
            return 1
        return 0


def _alone(run: RunFolder) -> bool:
    """Wait until no process of the run is left; False when one stays."""
    deadline = time.monotonic() + PATIENCE
    while is_held(run.live_lock) or is_held(run.supervisor_lock):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.5)
    return True


def _requeued_at(run: RunFolder, number: int) -> int | None:
    """The step with which an attempt put its job back into the queue; None when it did not."""
    record = read_json(run.attempt(number).requeue)
    return record.get("step") if isinstance(record, dict) else None


def _by_a_rule(run: RunFolder, attempt: AttemptFolder) -> bool:
    """Whether one of the run's own stop rules ended the attempt."""
    return any(event.attempt == attempt.number and "rule" in event.fields for event in read_events(run.events))


def _refuse(sentence: str) -> int:
    print(json.dumps({"refused": sentence}), flush=True)  # noqa: T201 (the job's log)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
