"""How long a phase is to last, as a person types it: steps, epochs, or audio heard."""

import re
from dataclasses import dataclass
from typing import Literal

from ravetui.errors import ConfigError
from ravetui.runs.step_length import StepLength

Unit = Literal["steps", "epochs", "audio"]
_DURATION = re.compile(
    r"\s*([0-9][0-9 _]*(?:\.[0-9]+)?)\s*(?:(epochs?|steps?)?|(s|seconds?|min|minutes?|h|hours?)\s+of\s+audio)\s*"
)
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Duration:
    """A number of steps, of epochs, or of seconds of audio."""

    number: float
    unit: Unit

    @property
    def in_steps(self) -> bool:
        """Whether another batch size changes what it is in epochs and audio, rather than in steps."""
        return self.unit == "steps"

    def length(self, step: StepLength) -> int:
        """So many steps last as long."""
        if self.unit == "audio":
            return round(self.number / step.seconds)
        return round(self.number * (step.per_epoch if self.unit == "epochs" else 1))

    def place(self, step: StepLength) -> int:
        """The step of a run after which it is over, counted from the beginning of the run's first ancestor."""
        if self.unit == "audio":
            return step.at_audio(self.number)
        return step.at_epoch(self.number) if self.unit == "epochs" else round(self.number)

    def typed(self) -> str:
        """As it can be typed, to a ten thousandth of an epoch or hour."""
        if self.in_steps:
            return f"{round(self.number)} steps"
        number, rest = (self.number, "epochs") if self.unit == "epochs" else (self.number / 3600, "h of audio")
        return f"{f'{number:.4f}'.rstrip('0').rstrip('.')} {rest}"


def since_beginning(unit: Unit, place: int, step: StepLength) -> Duration:
    """What is over after ``place`` steps of a run, in another unit."""
    number = {"steps": float(place), "epochs": step.epochs(place), "audio": 3600 * step.hours(place)}
    return Duration(number[unit], unit)


def read_duration(text: str) -> Duration | None:
    """A duration such as ``97 epochs``, ``213 400 steps`` or ``30 h of audio``; None if it is empty.

    Raises:
        ConfigError: It cannot be read.
    """
    if not text.strip():
        return None
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ConfigError(
            "Bad duration",
            f"{text!r} is not a duration.",
            "Write '97 epochs', '213400 steps' or '30 h of audio'.",
        )
    number = float(found[1].replace(" ", "").replace("_", ""))
    if found[3]:
        return Duration(number * _SECONDS[found[3][0]], "audio")
    return Duration(number, "epochs" if (found[2] or "steps").startswith("epoch") else "steps")
