"""One metric of one set as it is stored and shown: with its uncertainty, or with the reason why there is none."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from ravetui.errors import ScoreError
from ravetui.metrics.interval import Estimate


@dataclass(frozen=True)
class Measure:
    """One metric of one set."""

    value: float | None
    low: float | None = None
    """Lower end of the 95 % interval."""
    high: float | None = None
    """Upper end of the 95 % interval."""
    se: float | None = None
    """Standard error."""
    real: tuple[float, float] | None = None
    """For a distance: the 95 % interval of one half of the reference against the other; inside it, as good as real."""
    p: float | None = None
    """For a distance: probability of one at least as large if both sets came from one distribution."""
    reason: str = ""
    """Why something above is missing, in one sentence."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON; what is missing is null."""
        return {**asdict(self), "real": None if self.real is None else list(self.real)}

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both ends, if there are any."""
        return None if self.low is None or self.high is None else (self.low, self.high)


def estimated(estimate: Callable[[], Estimate], value: Callable[[], float], scale: float = 1.0) -> Measure:
    """The estimate; where its uncertainty cannot be told, the value alone; where that cannot either, neither."""
    try:
        return measured(estimate(), scale)
    except ScoreError as error:
        return alone(lambda: scale * value(), error.message)


def alone(value: Callable[[], float], reason: str) -> Measure:
    """The value alone, and why it has no interval; or neither, and why."""
    try:
        return Measure(value(), reason=reason)
    except ScoreError as error:
        return Measure(None, reason=error.message)


def measured(estimate: Estimate, scale: float = 1.0) -> Measure:
    """An estimate as a measure, times `scale`."""
    value, low, high, se = (scale * number for number in (estimate.value, estimate.low, estimate.high, estimate.se))
    if not all(map(math.isfinite, (value, low, high, se))):
        return Measure(None, reason="The computation left the range of numbers.")
    return Measure(value, low, high, se)
