"""How long something will take, with its 80 % interval."""

import math
from dataclasses import dataclass

_Z = 1.2816
"""The normal quantile of an 80 % interval."""


@dataclass(frozen=True)
class Eta:
    """Seconds of training to come, counted from the newest step."""

    seconds: float
    low: float
    high: float
    """The truth lies between ``low`` and ``high`` in 80 of 100 cases."""

    @property
    def half_width(self) -> float:
        """Half of the interval, seconds: what stands after ±."""
        return (self.high - self.low) / 2


NOW = Eta(0.0, 0.0, 0.0)
"""Nothing is left."""


@dataclass(frozen=True)
class Part:
    """One part of what is to come."""

    seconds: float
    spread: float
    """Half the width of its 80 % interval, on the scale of logarithms."""


def eta_of(steps: Part, *others: Part) -> Eta:
    """Several parts, one after the other, whose errors have nothing to do with one another.

    The interval is symmetric on the scale of logarithms: it may be twice as long rather than no time at all.
    """
    parts = (steps, *others)
    seconds = sum(part.seconds for part in parts)
    if seconds <= 0:
        return NOW
    spread = math.sqrt(sum((part.seconds * part.spread) ** 2 for part in parts)) / seconds
    return Eta(seconds, seconds * math.exp(-spread), seconds * math.exp(spread))


def together(first: Part, second: Part) -> Part:
    """Two parts whose errors go the same way, as those of one machine's pace do."""
    seconds = first.seconds + second.seconds
    wide = first.seconds * first.spread + second.seconds * second.spread
    return Part(seconds, wide / seconds if seconds > 0 else 0.0)


@dataclass(frozen=True)
class Course:
    """What is still to come of a run whose present phase has been timed."""

    steps: Part
    """The steps of the present phase."""
    validation: Part
    """One pause for a validation."""
    validations: int
    """How many of them belong to the present phase."""
    later_steps: int = 0
    """Steps of the phase after it."""
    later_validations: int = 0
    scatter: float = 0.0
    """Relative standard deviation of such pauses among one another."""

    def phase_end(self) -> Eta:
        """When the present phase ends."""
        return eta_of(self.steps, self._pauses(self.validations))

    def end(self, step: Part) -> Eta:
        """When the run ends.

        Args:
            step: One step of the phase to come.
        """
        # Its spread has two sides: what one does not know of phase 2, and the machine's pace, which is that of now.
        own = together(self.steps, Part(self.later_steps * step.seconds, self.steps.spread))
        unknown = Part(self.later_steps * step.seconds, step.spread)
        seconds = own.seconds + self.validation.seconds * (self.validations + self.later_validations)
        if seconds <= 0:
            return NOW
        pauses = self._pauses(self.validations + self.later_validations)
        wide = (own.seconds * own.spread, unknown.seconds * unknown.spread, pauses.seconds * pauses.spread)
        spread = math.hypot(*wide) / seconds
        return Eta(seconds, seconds * math.exp(-spread), seconds * math.exp(spread))

    def _pauses(self, count: int) -> Part:
        """So many of them: what one does not know of their mean, and how those to come scatter about it."""
        chance = _Z * self.scatter / math.sqrt(max(count, 1))
        return Part(count * self.validation.seconds, math.hypot(self.validation.spread, chance))
