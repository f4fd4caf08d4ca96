"""Taking a run's job away from SLURM."""

import time

from ravetui.errors import RunError
from ravetui.runs.atomic import write_json
from ravetui.runs.folder import RunFolder
from ravetui.runs.slurm.command import slurm
from ravetui.runs.slurm.submission import allowed_again, forbid, newest_submission
from ravetui.runs.state import Status

CANCEL_SECONDS = 30.0
"""How long scancel may take, seconds."""


def cancel_job(run: RunFolder, status: Status) -> str:
    """Cancel the job that a run waits for or trains in; a trainer has SLURM's KillWait left to save.

    Returns:
        What happens next, in one sentence.

    Raises:
        RunError: Its id is not known yet, or SLURM refuses or does not answer.
    """
    submission = newest_submission(run)
    if submission is None or status.job is None or not status.job.id:
        raise RunError("Just starting", f"{run.name} is just being submitted: its job is not known yet.", "Try again.")
    with allowed_again(run, submission):
        # The wish comes first, so that a job that is requeued meanwhile does not begin again.
        forbid(run, submission)
        slurm(["scancel", str(status.job.id)], seconds=CANCEL_SECONDS)
    if status.state.is_live and status.attempt > submission.base:
        # In time: a trainer is killed only after KillWait, and by then it may have told of its own end.
        write_json(run.attempt(status.attempt).stop_now, {"time": time.time()})
    if status.waits_in_slurm:
        return f"Job {status.job.id} of {run.name} is cancelled."
    return f"Job {status.job.id} of {run.name} is cancelled: it ends within seconds, saved if SLURM leaves it the time."
