"""Whether one of a run's stop rules has come true in the present attempt."""

import time
from dataclasses import dataclass

from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import steps
from ravetui.runs.history import read_series
from ravetui.runs.spec import RunSpec
from ravetui.runs.stop_rule import read_rules, validations_without_gain

FIRST_VALIDATION, STEP, TIME, PATIENCE = "first validation", "step", "time", "patience"


@dataclass(frozen=True)
class Met:
    """A rule that has come true."""

    rule: str
    """Kept in the event, so that a later attempt knows."""
    reason: str
    """A few words."""


class StopWatch:
    """Looks at the rules after each step.

    A rule that has stopped the run once does not stop the next attempt at once: the first validation is over then, a
    step that has been reached is, a time is that of one attempt, and patience is counted anew. One that came true with
    the validation of the step this attempt begins with, and of which no event says that it was obeyed, stops it there:
    the run was killed in between.

    Args:
        run: The run's folder; its events say which rules have stopped it already.
        spec: Its spec.
        step: The step this attempt begins with.
        phase_began: The step after which its phase began.
    """

    def __init__(self, run: RunFolder, spec: RunSpec, step: int, phase_began: int) -> None:
        self.met: Met | None = None
        """What stops the attempt; None while nothing does."""
        self._run = run
        self._rules = read_rules(spec.training, spec.step_length)
        self._text = spec.training.stop_after
        self._began_at, self._began = step, time.monotonic()
        obeyed = {e.fields["rule"]: int(e.fields["step"]) for e in read_events(run.events) if "rule" in e.fields}
        self._had_first = FIRST_VALIDATION in obeyed
        self._patience_since = obeyed.get(PATIENCE, 0)
        self.look(step, phase_began=phase_began, validated=step in read_series(run, "validation").step)

    @property
    def _elapsed(self) -> float:
        """How long this attempt has trained, seconds; each makes a step at least."""
        return time.monotonic() - self._began

    def look(self, step: int, *, phase_began: int, validated: bool) -> None:
        """See which rule has come true.

        Args:
            step: The step that has just been made.
            phase_began: The step after which the present phase began.
            validated: Whether there was a validation at this step.
        """
        rules, typed = self._rules, f"stop_after = {self._text}"
        if rules.first_validation and validated and not self._had_first:
            self.met = Met(FIRST_VALIDATION, typed)
        elif rules.step is not None and self._began_at < rules.step <= step:
            self.met = Met(STEP, typed)
        elif rules.seconds is not None and step > self._began_at and self._elapsed >= rules.seconds:
            self.met = Met(TIME, typed)
        elif rules.patience is not None and validated:
            found, since = read_series(self._run, "validation"), self._patience_since
            stale = validations_without_gain(found.step, found.value, phase_began=phase_began, since=since)
            if stale >= rules.patience:
                self.met = Met(PATIENCE, f"none of the last {steps(stale)} validations was better")
