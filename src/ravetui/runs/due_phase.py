"""The step after which phase 2 is to begin, whatever asks for it: the plan, an earlier attempt, a plateau, a hand."""

from collections.abc import Iterator

import numpy as np

from ravetui.runs.atomic import read_json
from ravetui.runs.events import read_events
from ravetui.runs.history import RunHistory
from ravetui.runs.spec import RunSpec
from ravetui.runs.stop_rule import read_plateau


def due_phase_2(spec: RunSpec, history: RunHistory) -> int:
    """The earliest step that anything asks for, in a run that is in phase 1 and whose history has been polled."""
    planned = min(spec.training.phase_1_steps, spec.training.total_steps)
    began = [int(event.fields["step"]) for event in read_events(history.run.events) if event.kind == "phase"]
    return min([planned, *began, *_plateau(spec, history), *_asked(history)])


def _plateau(spec: RunSpec, history: RunHistory) -> Iterator[int]:
    """The validation at which the plateau was as long as the spec wants to wait."""
    wait = read_plateau(spec.training)
    found = history.series("validation")
    if wait is None or len(found.step) <= wait:
        return
    value = np.where(np.isfinite(found.value), found.value, np.inf)
    # The first of equal values is the best one, as for the trainer.
    better = np.concatenate(([True], value[1:] < np.minimum.accumulate(value)[:-1]))
    place = np.arange(len(value))
    stale = place - np.maximum.accumulate(np.where(better, place, 0))
    reached = np.flatnonzero(stale >= wait)
    if len(reached):
        yield int(found.step[reached[0]])


def _asked(history: RunHistory) -> Iterator[int]:
    """The step that was the newest when a person asked for it, where the trainer has made steps since."""
    request = read_json(history.run.control / "phase")
    when = request.get("time") if isinstance(request, dict) else None
    if not isinstance(when, int | float):
        return
    steps = history.records("steps")
    before = int(np.count_nonzero(steps["time"] <= when)) if len(steps) else 0
    if before < len(steps):
        yield int(steps["step"][before]) - 1
