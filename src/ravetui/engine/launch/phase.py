"""Asking a run to go adversarial before its time, and taking that back."""

from ravetui.errors import RunError
from ravetui.runs import control
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import steps
from ravetui.runs.state import RunState
from ravetui.runs.summary import summarise


def go_adversarial(run: RunFolder, *, via: str = "command line") -> str:
    """Ask for phase 2 from the next step on; a run that does not train takes it up when it is started.

    Args:
        via: How it is asked for, ``screen`` or ``command line``.

    Returns:
        What happens next, in one sentence.

    Raises:
        RunError: The run is in phase 2 already, is finished, or cannot be read.
    """
    _refuse_if_adversarial(run)
    summary = summarise(run)
    if summary.status.state is RunState.FINISHED:
        raise RunError("Run is finished", f"{run.name} is finished at step {steps(summary.progress.step)}.")
    first = control.request(run, "phase", via)
    when = "after the present step" if summary.status.state.is_live else "as soon as it is started"
    return f"{run.name} {'goes' if first else 'was asked already: it goes'} adversarial {when}."


def stay_in_reconstruction(run: RunFolder) -> str:
    """Take the request for phase 2 back.

    Returns:
        What happens next, in one sentence.

    Raises:
        RunError: Nobody asked for it, the run has obeyed already, or it cannot be read.
    """
    _refuse_if_adversarial(run)
    if not control.withdraw(run, "phase"):
        raise RunError("Nothing to undo", f"No request to go adversarial is waiting for {run.name}.")
    return f"{run.name} stays in phase 1 until step {steps(summarise(run).progress.phase_end_step)}."


def _refuse_if_adversarial(run: RunFolder) -> None:
    progress = summarise(run).progress
    if progress.phase == 2:
        since = next((f" since step {steps(item.step)}" for item in progress.transitions if item.phase == 2), "")
        raise RunError("Phase 2 already", f"{run.name} is in the adversarial phase{since}.")
