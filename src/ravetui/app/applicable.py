"""Whether an action can be done just now, and if not, why: one sentence, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ravetui.app.timeline import borders
from ravetui.runs.foreign.folder import ACIDS_RAVE
from ravetui.runs.ratings import WORDS
from ravetui.runs.run_state import RunState

if TYPE_CHECKING:
    from ravetui.app.snapshot import RunRow, StepRow
    from ravetui.runs.samples import Sample


@dataclass(frozen=True)
class Situation:
    """What is selected."""

    run: RunRow | None = None
    step: StepRow | None = None
    sample: Sample | None = None
    datasets: tuple[str, ...] = ()
    trash: str = ""
    """Name of the run that was deleted last; empty: none."""
    is_scored: bool = False
    """Whether any checkpoint of the run has a score."""
    hidden: bool = False
    """Whether there are runs that the filter does not show."""
    marked: tuple[StepRow, ...] = ()
    """Checkpoints that the person has marked, newest first."""

    @property
    def scored(self) -> tuple[StepRow, ...]:
        """Which checkpoints are to be scored: the marked ones, else the selected one."""
        return self.marked or ((self.step,) if self.step else ())


def why_not(action: str, here: Situation) -> str:
    """Why an action cannot be done here; empty when it can.

    Args:
        action: Name of an :class:`~ravetui.app.actions.Action`.
    """
    if here.run is not None and here.run.foreign is not None and action in _ONLY_OURS:
        return here.run.foreign.refusal(_ONLY_OURS[action])
    test = _TESTS.get(action)
    return test(here) if test else ""


def _new(here: Situation) -> str:
    return "" if here.datasets else "There is no dataset yet: `ravetui data prepare NAME FOLDER` makes one."


def _some_run(here: Situation) -> str:
    if here.run is None and here.hidden:
        return "No run fits the filter: esc shows all."
    return "" if here.run else "There is no run yet: n makes one."


def _good_run(here: Situation) -> str:
    if here.run is None:
        return _some_run(here)
    return (here.run.fault or "It is being read.") if here.run.summary is None else ""


def _start(here: Situation) -> str:
    if missing := _good_run(here):
        return missing
    assert here.run is not None and here.run.summary is not None
    status = here.run.summary.status
    state = status.state
    if state.is_live:
        return f"{here.run.name} trains already."
    if status.waits_in_slurm:
        return f"{here.run.name} waits in SLURM already: {status.reason}."
    return f"{here.run.name} is finished: all its steps are done." if state is RunState.FINISHED else ""


def _stop(here: Situation) -> str:
    if missing := _good_run(here):
        return missing
    assert here.run is not None
    goes = here.run.is_live or here.run.is_queued or here.run.waits_in_slurm
    return "" if goes else f"{here.run.name} does not train."


def _queued(here: Situation) -> str:
    if missing := _some_run(here):
        return missing
    assert here.run is not None
    if here.run.waits_in_slurm:
        return f"{here.run.name} waits in SLURM, whose order is its own."
    return "" if here.run.is_queued else f"{here.run.name} does not wait in the queue."


def _delete(here: Situation) -> str:
    if missing := _some_run(here):
        return missing
    assert here.run is not None
    if here.run.is_live:
        return f"{here.run.name} trains; x stops it."
    waits = here.run.is_queued or here.run.waits_in_slurm
    return f"{here.run.name} waits in the queue; x takes it out." if waits else ""


def _restore(here: Situation) -> str:
    return "" if here.trash else "The trash is empty."


def _phase(here: Situation) -> str:
    if missing := _good_run(here):
        return missing
    assert here.run is not None and here.run.summary is not None
    if here.run.summary.progress.phase > 1:
        return f"{here.run.name} is in phase 2 already."
    finished = here.run.summary.status.state is RunState.FINISHED
    return f"{here.run.name} is finished: all its steps are done." if finished else ""


def _sample(here: Situation) -> str:
    if missing := _good_run(here):
        return missing
    return "" if here.sample else "There is no sample here yet: validation renders some."


def _weights(here: Situation) -> str:
    if missing := _good_run(here):
        return missing
    if here.step is None:
        return "There is no checkpoint yet: one is saved at each validation."
    deleted = here.step.checkpoint is None
    return "The weights of this step have been deleted; choose a step that has its checkpoint." if deleted else ""


def _score(here: Situation) -> str:
    foreign = here.run.foreign if here.run else None
    if foreign is not None and foreign.kind != ACIDS_RAVE:
        return foreign.refusal("only checkpoints of acids-rave are rendered and scored")
    if not here.marked:
        return _weights(here)
    if missing := _good_run(here):
        return missing
    gone = all(row.checkpoint is None for row in here.marked)
    return "The weights of the marked steps have been deleted; * takes a mark off." if gone else ""


def _mark(here: Situation) -> str:
    if missing := _good_run(here):
        return missing
    return "" if here.step else "There is no checkpoint yet: one is saved at each validation."


def _scores(here: Situation) -> str:
    if missing := _mark(here):
        return missing
    assert here.step is not None
    return "" if here.is_scored else "There is no score yet: e scores the selected checkpoint."


def _one_phase(here: Situation) -> str:
    if missing := _good_run(here):
        return missing
    assert here.run is not None and here.run.summary is not None
    summary = here.run.summary
    both = borders(summary.progress, summary.spec.first_step)
    return "" if both else f"{here.run.name} has trained one phase only: there is nothing to tell apart yet."


_ONLY_OURS = {
    "start": "whoever trains it starts it",
    "stop": "whoever trains it stops it",
    "earlier": "it does not wait in our queue",
    "later": "it does not wait in our queue",
    "delete": "deleting is for the program that wrote it; taking its entry out of config.toml hides it",
    "phase": "its phases are its configuration's to say",
    "fork": "a fork goes on from a checkpoint of our own trainer",
    "blind": "a blind round takes samples that our own trainer rendered",
    "pin": "which checkpoints stay is for that program to say",
}
"""What cannot be done with a run of another program, and why."""

_TESTS: dict[str, Callable[[Situation], str]] = {
    "new": _new,
    "start": _start,
    "stop": _stop,
    "earlier": _queued,
    "later": _queued,
    "delete": _delete,
    "restore": _restore,
    "phase": _phase,
    "play": _sample,
    "original": _sample,
    "picture": _sample,
    "blind": _sample,
    "seek_back": _sample,
    "seek_on": _sample,
    "older": _good_run,
    "newer": _good_run,
    **dict.fromkeys((f"rate_{stars}" for stars in WORDS), _sample),
    "score": _score,
    "scores": _scores,
    "mark": _mark,
    "fork": _weights,
    "compare": _good_run,
    "filter": lambda here: "" if here.hidden else _some_run(here),
    "pin": _weights,
    "note": _good_run,
    "log_axis": _good_run,
    "smoothing": _good_run,
    "previous_curves": _good_run,
    "next_curves": _good_run,
    "zoom_in": _good_run,
    "zoom_out": _good_run,
    "pan_back": _good_run,
    "pan_on": _good_run,
    "whole_curves": _good_run,
    "cursor_back": _good_run,
    "cursor_on": _good_run,
    "turn_axis": _good_run,
    "one_phase": _one_phase,
    "all_curves": _good_run,
}
