"""What a chart is given to draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.series.positions import Positions
from ravetui.runs.series.values import Values


@dataclass(frozen=True, eq=False)
class ChartSeries:
    """One curve.

    The arrays are kept, not copied: they must not be changed in place once they are in a series.

    Raises:
        ValueError: The arrays differ in length, are not one-dimensional, or `x` is not sorted or not finite.
    """

    label: str
    """What the legend calls it."""
    x: NDArray[np.float64] | Positions
    """Where each value stands, shape (n,), ascending: steps as a rule. Equal neighbours are allowed."""
    y: NDArray[np.float64] | Values
    """The values, shape (n,). NaN and ±Inf are drawn as marks and interrupt the line.

    Of :class:`Values` that grow, only what is new has to be looked at when they are drawn again."""
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
        if isinstance(self.x, Positions):
            if self.places.size != self.values.size:
                raise ValueError(f"series {self.label!r}: {self.places.size} places for {self.values.size} values")
            return
        shape = np.shape(self.y)
        if self.x.ndim != 1 or self.x.shape != shape:
            raise ValueError(f"series {self.label!r}: x {self.x.shape} and y {shape} must be one-dimensional twins")
        if self.x.size and not (
            np.isfinite(self.x[0]) and np.isfinite(self.x[-1]) and bool((self.x[1:] >= self.x[:-1]).all())
        ):
            raise ValueError(f"series {self.label!r}: x must be finite and ascending")
        if any(end is not None and end.shape != shape for end in (self.low, self.high)):
            raise ValueError(f"series {self.label!r}: intervals must have the shape of their values")

    @cached_property
    def places(self) -> Positions:
        """`x`, to be searched."""
        return self.x if isinstance(self.x, Positions) else Positions(self.x)

    @cached_property
    def values(self) -> Values:
        """`y`, with what is known of its blocks."""
        return self.y if isinstance(self.y, Values) else Values(self.y)

    def same_as(self, other: ChartSeries) -> bool:
        """Whether the other series draws the same picture: all fields equal, NaN equal to NaN."""
        return (
            (self.label, self.role, self.band, self.markers) == (other.label, other.role, other.band, other.markers)
            and self.values.same_as(other.values)
            and self.places.same_as(other.places)
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
    return a is b if a is None or b is None else np.array_equal(a, b, equal_nan=True)
