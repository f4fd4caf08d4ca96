"""Where a run begins and its phases meet, whatever stands along the bottom of its curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ravetui.runs.events import Event
    from ravetui.runs.progress import Progress, Transition


@dataclass(frozen=True)
class Timeline:
    """The beginning of a run."""

    first_step: int = 0
    """The step it begins after: 0, or that of the checkpoint it was forked from."""
    began: float | None = None
    """Unix time of its first start, seconds; None when nobody wrote it down."""
    changed: tuple[tuple[int, float], ...] = ()
    """At which step and when each phase change happened, also those that were superseded since."""

    def moment(self, step: int) -> float | None:
        """Unix time of the newest phase change at this step; None when it is not known."""
        return next((time for known, time in reversed(self.changed) if known == step), None)


def timeline(first_step: int, events: Sequence[Event]) -> Timeline:
    """The beginning of a run, from its events."""
    began = next((event.time for event in events if event.kind == "started"), None)
    changed = tuple((int(event.fields["step"]), event.time) for event in events if event.kind == "phase")
    return Timeline(first_step, began, changed)


def borders(progress: Progress, first_step: int) -> list[Transition]:
    """The phase changes with steps on both sides of them, in order."""
    return [change for change in progress.transitions if change.phase > 1 and first_step < change.step < progress.step]
