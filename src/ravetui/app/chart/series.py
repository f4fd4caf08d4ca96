"""What a chart is given to draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class ChartSeries:
    """One curve.

    The arrays are kept, not copied: they must not be changed in place once they are in a series.

    Raises:
        ValueError: The arrays differ in length, are not one-dimensional, or `x` is not sorted or not finite.
    """

    label: str
    """What the legend calls it."""
    x: NDArray[np.float64]
    """Where each value stands, shape (n,), ascending: steps as a rule. Equal neighbours are allowed."""
    y: NDArray[np.float64]
    """The values, shape (n,). NaN and ±Inf are drawn as marks and interrupt the line."""
    role: str
    """The colour, by its role: `Chart` has a component class `chart--<role>` for each."""
    band: bool = False
    """Draw what smoothing hides: every raw value, dim, behind the smoothed line."""
    markers: bool = False
    """Few measurements rather than a stream: each point is drawn, joined to the next, and never smoothed."""
    low: NDArray[np.float64] | None = None
    """Lower ends of intervals around the values, shape (n,), NaN where there is none; drawn as bars up to `high`."""
    high: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if self.x.ndim != 1 or self.x.shape != self.y.shape:
            raise ValueError(
                f"series {self.label!r}: x {self.x.shape} and y {self.y.shape} must be one-dimensional twins"
            )
        if self.x.size and not (
            np.isfinite(self.x[0]) and np.isfinite(self.x[-1]) and bool((self.x[1:] >= self.x[:-1]).all())
        ):
            raise ValueError(f"series {self.label!r}: x must be finite and ascending")
        if any(end is not None and end.shape != self.y.shape for end in (self.low, self.high)):
            raise ValueError(f"series {self.label!r}: intervals must have the shape of their values")

    def same_as(self, other: ChartSeries) -> bool:
        """Whether the other series draws the same picture: all fields equal, NaN equal to NaN."""
        return (
            (self.label, self.role, self.band, self.markers) == (other.label, other.role, other.band, other.markers)
            and _same(self.x, other.x)
            and _same(self.y, other.y)
            and _same_ends(self.low, other.low)
            and _same_ends(self.high, other.high)
        )


@dataclass(frozen=True)
class HorizontalAxis:
    """What stands along the bottom."""

    name: str = ""
    """Said in the legend; steps are not."""
    whole: bool = True
    """Whether only whole numbers mean something."""


STEPS = HorizontalAxis()


@dataclass(frozen=True)
class PhaseLine:
    """A vertical line where a phase begins, or will begin."""

    x: float
    label: str
    role: str = "phase"


def _same_ends(a: NDArray[np.float64] | None, b: NDArray[np.float64] | None) -> bool:
    return a is b if a is None or b is None else _same(a, b)


def _same(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    if a is b:
        return True
    # The ends differ in almost every update of a live run, and are cheaper to look at than ten million points.
    return (
        a.shape == b.shape and np.array_equal(a[-1:], b[-1:], equal_nan=True) and np.array_equal(a, b, equal_nan=True)
    )
