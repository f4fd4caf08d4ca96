"""Where phase 2 begins, and why there."""

from dataclasses import dataclass

from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import steps
from ravetui.runs.history import read_series
from ravetui.runs.spec import RunSpec
from ravetui.runs.stop_rule import read_patience, read_plateau, validations_without_gain
from ravetui.runs.training_spec import TrainingSpec


@dataclass(frozen=True)
class Boundary:
    """The end of phase 1."""

    step: int
    """The step after which phase 2 begins, unless somebody asks for it earlier."""
    reason: str
    """A few words, kept in the event."""


def find_boundary(run: RunFolder, training: TrainingSpec, step: int) -> Boundary:
    """Where phase 2 begins, as far as it is known in phase 1 after ``step`` steps.

    The planned step; or the earlier one at which an attempt before this one began phase 2, which its event has made
    permanent; or the present one, when validation has not improved for as long as the spec wants to wait.
    """
    began = [
        Boundary(int(event.fields["step"]), event.fields.get("reason", "as in an earlier attempt"))
        for event in read_events(run.events)
        if event.kind == "phase"
    ]
    planned = Boundary(training.phase_1_steps, "phase_1 is over")
    return min([planned, *began, *_plateau(run, training, step)], key=lambda item: item.step)


def owes_validation(run: RunFolder, spec: RunSpec, step: int, phase: int) -> bool:
    """Whether an attempt that begins with ``step`` has to make up for a validation that a stop cut short.

    Without it, a run that looks for a plateau would go adversarial, and one with patience would stop, later than one
    that was never interrupted.
    """
    due = step > spec.first_step and step % spec.training.validate_every == 0
    counted = read_patience(spec.training) if phase > 1 else read_patience(spec.training) or read_plateau(spec.training)
    if not due or counted is None:
        return False
    return step not in read_series(run, "validation").step


def _plateau(run: RunFolder, training: TrainingSpec, step: int) -> list[Boundary]:
    wait = read_plateau(training)
    if wait is None:
        return []
    found = read_series(run, "validation")
    stale = validations_without_gain(found.step, found.value, phase_began=0, since=0)
    return [Boundary(step, f"none of the last {steps(stale)} validations was better")] if stale >= wait else []
