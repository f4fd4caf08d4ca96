"""SLURM's own commands, run with a time limit, their complaints as one sentence."""

import os
import subprocess
from collections.abc import Sequence

from ravetui.errors import RunError

SILENT = "SLURM does not answer"
"""Title of the error when its commands are there and its controller is not."""
_ENVIRONMENT = {"SLURM_TIME_FORMAT": "%s", "LC_ALL": "C.UTF-8"}
"""Times as Unix time, words in English."""
_IGNORED = ("SQUEUE_", "SACCT_", "SCANCEL_")
"""Variables with which a person changes what these print; those of sbatch are wishes, and stay."""


def slurm(words: Sequence[str], *, seconds: float, script: str = "") -> str:
    """Run one of SLURM's commands and return what it prints.

    Args:
        words: The command and its arguments.
        seconds: How long it may take; without a controller it tries for 9 s.
        script: Its standard input.

    Raises:
        RunError: It is not installed, gave no answer in time (its title is then :data:`SILENT`), or refused.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_IGNORED)}
    try:
        done = subprocess.run(
            words,
            input=script,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            env={**kept, **_ENVIRONMENT},
            check=False,
        )
    except FileNotFoundError:
        raise RunError("No SLURM here", f"{words[0]} is not on this machine.", "Use a login node.") from None
    except subprocess.TimeoutExpired:
        raise RunError(SILENT, f"{words[0]} gave no answer in {seconds:.0f} s.") from None
    if done.returncode:
        raise _refusal(words[0], done.stderr, done.returncode)
    return done.stdout


def _refusal(command: str, complaint: str, code: int) -> RunError:
    """SLURM's own words, without the name of the command in front of each line."""
    lines = [line.partition("error: ")[2] or line for line in complaint.splitlines() if line.strip()]
    said = "; ".join(line.strip().rstrip(".") for line in lines) or f"exit code {code}"
    if "Unable to contact slurm controller" in said or "timed out" in said:
        return RunError(SILENT, f"{command}: {said}.")
    return RunError("SLURM refuses", f"{command}: {said}.")
