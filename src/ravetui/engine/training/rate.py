"""How the learning rate of encoder and generator falls."""

import math
from collections.abc import Callable

from ravetui.runs.training_spec import TrainingSpec

SCHEDULES: dict[str, Callable[[float, float], float]] = {
    "linear": lambda done, final: 1 - (1 - final) * done,
    "cosine": lambda done, final: final + (1 - final) * (1 + math.cos(math.pi * done)) / 2,
    "exponential": lambda done, final: final**done,
    "constant": lambda _done, _final: 1.0,
}
"""By ``TrainingSpec.schedule``: from the share of ``phase_1_steps`` that is done, and the share of the rate that is
left in the end, to the share that is left now."""


def learning_rate(training: TrainingSpec, step: int) -> float:
    """Of encoder and generator at the update that makes ``step``."""
    done = min((step - 1) / max(training.phase_1_steps, 1), 1.0)
    return training.learning_rate * SCHEDULES[training.schedule](done, training.final_learning_rate)
