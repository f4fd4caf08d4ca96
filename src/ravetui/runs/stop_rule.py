"""When a run is to stop before its end: rules as a person types them, and whether one has come true."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ConfigError
from ravetui.runs.step_length import StepLength
from ravetui.runs.training_spec import TrainingSpec

NEVER = ("", "never")
FIRST_VALIDATION = "first validation"
_COUNT = r"([0-9]+(?:[ _][0-9]+)*(?:\.[0-9]+)?)"
_PLACE = re.compile(rf"(step|epoch) +{_COUNT}")
_TIME = re.compile(rf"{_COUNT} *(s|min|h|d)")
_PATIENCE = re.compile(rf"{_COUNT}(?: +validations?)?")
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True)
class StopRules:
    """What ends an attempt before the run's end; None or False: that does not."""

    first_validation: bool = False
    step: int | None = None
    """Once the run has come to this step; an attempt that begins there or later does not know the rule."""
    seconds: float | None = None
    """Once an attempt has lasted this long."""
    patience: int | None = None
    """Once so many validations, one after the other, were no better than the best of their phase."""


def read_rules(training: TrainingSpec, step: StepLength) -> StopRules:
    """The rules of a run whose steps are counted so.

    Raises:
        ConfigError: One cannot be read; it is named with what can be written.
    """
    after = " ".join(training.stop_after.split()).lower()
    patience = read_patience(training)
    read_plateau(training)
    if after in NEVER:
        return StopRules(patience=patience)
    if after == FIRST_VALIDATION:
        return StopRules(first_validation=True, patience=patience)
    if found := _PLACE.fullmatch(after):
        number = _number(found[2])
        place = step.at_epoch(number) if found[1] == "epoch" else round(number)
        if place >= 1 and (found[1] == "epoch" or number == int(number)):
            return StopRules(step=place, patience=patience)
    elif (found := _TIME.fullmatch(after)) and (seconds := _number(found[1]) * _SECONDS[found[2]]):
        return StopRules(seconds=seconds, patience=patience)
    raise ConfigError(
        "Bad stop rule",
        f"stop_after = {training.stop_after!r} is not a rule.",
        "Write 'first validation', 'step 1000', 'epoch 20', '6 h' or 'never'.",
    )


def validations_without_gain(
    step: NDArray[np.int64], value: NDArray[np.float64], *, phase_began: int, since: int
) -> int:
    """How many validations there were after the best one of a phase.

    Args:
        step: Steps of all validations of the run, ascending.
        value: Their distances; one that is not finite is no gain.
        phase_began: The step after which the phase began.
        since: Only validations after this step are counted, though an earlier one may be the best.
    """
    inside = step > phase_began
    step, value = step[inside], value[inside]
    if not len(step):
        return 0
    best = int(step[np.argmin(np.where(np.isfinite(value), value, np.inf))])
    return int(np.count_nonzero(step > max(best, since)))


def read_plateau(training: TrainingSpec) -> int | None:
    """Validations of phase 1 without an improvement after which phase 2 begins; None: it begins at its step.

    Raises:
        ConfigError: It cannot be read, or ``patience`` would stop the run before.
    """
    plateau, patience = _validations("plateau", training.plateau), read_patience(training)
    if plateau is not None and patience is not None and patience <= plateau:
        raise ConfigError(
            "Bad stop rule",
            f"patience = {training.patience!r} stops the run before plateau = {training.plateau!r} begins phase 2.",
            "Write a longer patience.",
        )
    return plateau


def read_patience(training: TrainingSpec) -> int | None:
    """Validations of a phase without an improvement after which a run stops; None: it does not.

    Raises:
        ConfigError: It cannot be read.
    """
    return _validations("patience", training.patience)


def _validations(key: str, text: str) -> int | None:
    words = " ".join(text.split()).lower()
    if words in NEVER:
        return None
    found = _PATIENCE.fullmatch(words)
    number = _number(found[1]) if found else 0.0
    if number < 1 or number != int(number):
        raise ConfigError(
            "Bad stop rule",
            f"{key} = {text!r} is not a number of validations.",
            "Write '40 validations' or 'never'.",
        )
    return int(number)


def _number(text: str) -> float:
    return float(text.replace(" ", "").replace("_", ""))
