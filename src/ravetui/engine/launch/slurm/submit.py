"""Giving a run to SLURM, exactly once however many ask for it."""

import os
import time
import uuid
from collections.abc import Callable

from ravetui.config import Config
from ravetui.engine.launch.slurm.script import batch_script, sbatch_command
from ravetui.errors import RavetuiError, RunError
from ravetui.runs.folder import RunFolder
from ravetui.runs.lock import acquire
from ravetui.runs.process import identify_child
from ravetui.runs.slurm.command import SILENT, slurm
from ravetui.runs.slurm.queue import cluster_name
from ravetui.runs.slurm.submission import (
    SUBMIT_SECONDS,
    Submission,
    abandon,
    claim,
    confirm,
    newest_submission,
    withdraw,
)
from ravetui.runs.spec import read_spec


def submit(run: RunFolder, config: Config, see_that_it_is_free: Callable[[], None]) -> Submission:
    """Submit a job that trains the run.

    The supervisor's lock is held meanwhile, so that nobody starts the run here; a numbered record, made by an exclusive
    link, keeps out other machines that share the folder.

    Args:
        see_that_it_is_free: Raises if the run trains or waits. It is called after the newest submission has been looked
            up: one that somebody makes after that has the number of ours, and only one of the two is made.

    Returns:
        The submission with its job's id.

    Raises:
        RunError: Somebody else is starting the run, or SLURM is not here, does not answer or refuses.
        ConfigError: ``slurm.options`` is not a line of a shell.
    """
    before, attempts = newest_submission(run), run.attempt_folders()
    see_that_it_is_free()
    submission = _new(run, (before.number if before else 0) + 1, attempts[-1].number if attempts else 0, config)
    command = sbatch_command(config, run, submission, read_spec(run.spec_path).training.ranks)
    lock = acquire(run.supervisor_lock)
    if lock is None:
        raise _somebody_else(run)
    try:
        if not claim(run, submission):
            raise _somebody_else(run)
        return confirm(run, submission, _sbatch(run, submission, command, config))
    finally:
        os.close(lock)


def _new(run: RunFolder, number: int, base: int, config: Config) -> Submission:
    key, who = uuid.uuid4().hex[:12], identify_child(os.getpid())
    return Submission(
        number=number,
        key=key,
        job_name=f"{run.name}.{key}",
        cluster=cluster_name(),
        user=str(os.getuid()),
        host=os.uname().nodename,
        pid=who.pid,
        boot_id=who.boot_id,
        start_ticks=who.start_ticks,
        time=time.time(),
        base=base,
        requeue=config.slurm.requeue,
    )


def _sbatch(run: RunFolder, submission: Submission, command: list[str], config: Config) -> int:
    script = batch_script(config.slurm, run, submission)
    try:
        answer = slurm(command, seconds=SUBMIT_SECONDS - 30.0, script=script)
        return int(answer.strip().splitlines()[-1].partition(";")[0])
    except RavetuiError as error:
        if error.title == SILENT:
            abandon(run, submission)
            raise RunError(
                SILENT, error.message, f"Whether {run.name} was submitted is seen when it answers: ravetui run list."
            ) from None
        withdraw(run, submission)
        remedy = "The settings are in [slurm] of config.toml." if error.title == "SLURM refuses" else error.remedy
        raise RunError(error.title, error.message, remedy) from None
    except (ValueError, IndexError):
        abandon(run, submission)
        raise RunError("SLURM refuses", f"sbatch gave no job id: {answer!r}.") from None


def _somebody_else(run: RunFolder) -> RunError:
    return RunError("Starting already", f"{run.name} is being started by somebody else.")
