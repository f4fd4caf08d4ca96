"""What sbatch is given: its options, and the script that it runs."""

import shlex
import sys

from ravetui.config import Config, SlurmSettings
from ravetui.errors import ConfigError
from ravetui.runs.folder import RunFolder
from ravetui.runs.slurm.submission import Submission, log_path


def sbatch_command(config: Config, run: RunFolder, submission: Submission, ranks: int) -> list[str]:
    """sbatch with everything it is told of a job; the script comes on standard input.

    What the person added stands before what the program relies on, since the last one of an option counts.

    Raises:
        ConfigError: ``slurm.options`` is not a line of a shell.
    """
    settings = config.slurm
    wishes = {
        "partition": settings.partition,
        "account": settings.account,
        "qos": settings.qos,
        "constraint": settings.constraint,
        "time": settings.time,
        "gpus": _gpus(config, ranks),
        "cpus-per-task": str(settings.cpus or ""),
        "mem": settings.memory,
        "signal": f"B:USR1@{settings.signal_seconds}",
    }
    # A pattern of sbatch: %j would be the job's id.
    output = str(log_path(run, submission.number).resolve()).replace("%", "%%")
    return [
        "sbatch",
        "--nodes=1",
        "--ntasks=1",
        *(f"--{name}={value}" for name, value in wishes.items() if value),
        *_options(settings),
        "--requeue" if settings.requeue else "--no-requeue",
        f"--job-name={submission.job_name}",
        f"--output={output}",
        "--open-mode=append",
        "--parsable",
    ]


def batch_script(settings: SlurmSettings, run: RunFolder, submission: Submission) -> str:
    """The job: a line of the person's, then the supervisor in the shell's place, so that it gets SLURM's signals."""
    words = [sys.executable, "-P", "-m", "ravetui.engine.launch.slurm.job", str(run.path.resolve()), submission.key]
    return "\n".join(["#!/bin/bash", *([settings.setup] if settings.setup else []), f"exec {shlex.join(words)}", ""])


def _gpus(config: Config, ranks: int) -> str:
    if config.slurm.gpus != "auto":
        return config.slurm.gpus
    return "" if config.engine.device == "cpu" else str(ranks)


def _options(settings: SlurmSettings) -> list[str]:
    try:
        return shlex.split(settings.options)
    except ValueError as error:
        raise ConfigError(
            "Bad option", f"slurm.options = {settings.options!r} in config.toml: {error}.", "Close the quotation."
        ) from None
