"""How long a phase is to last, as a person types it: steps, epochs, or audio heard."""

import re
from dataclasses import dataclass

from ravetui.errors import ConfigError

_DURATION = re.compile(
    r"\s*([0-9][0-9 _]*(?:\.[0-9]+)?)\s*(?:(epochs?|steps?)?|(s|seconds?|min|minutes?|h|hours?)\s+of\s+audio)\s*"
)
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class StepLength:
    """What one step is."""

    per_epoch: int
    """Steps an epoch."""
    seconds: float
    """Audio that a step hears: crops of all ranks, seconds."""

    def hours(self, steps: int) -> float:
        """Audio heard in so many steps, hours."""
        return steps * self.seconds / 3600


def steps_of(text: str, step: StepLength, default: int) -> int:
    """Steps of a duration such as ``97 epochs``, ``213 400 steps`` or ``30 h of audio``; ``default`` if it is empty.

    Raises:
        ConfigError: It cannot be read.
    """
    if not text.strip():
        return default
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ConfigError(
            "Bad duration",
            f"{text!r} is not a duration.",
            "Write '97 epochs', '213400 steps' or '30 h of audio'.",
        )
    number = float(found[1].replace(" ", "").replace("_", ""))
    if found[3]:
        return round(number * _SECONDS[found[3][0]] / step.seconds)
    return round(number * step.per_epoch) if (found[2] or "steps").startswith("epoch") else round(number)
