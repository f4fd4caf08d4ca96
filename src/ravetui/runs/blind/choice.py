"""Which checkpoints a blind round hides: the marked ones, else a few that span the run."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

MOST = 6
"""So many are chosen where none is marked: with their original, eight clips are 56 to hear."""


@dataclass(frozen=True)
class Candidate:
    """A checkpoint that has samples."""

    step: int
    phase: int
    validation: float | None


@dataclass(frozen=True)
class Choice:
    """What is hidden, and why."""

    steps: tuple[int, ...]
    """Earliest first."""
    words: str


def choose(candidates: Sequence[Candidate], marked: Collection[int]) -> Choice:
    """The marked checkpoints, else the newest, the best by validation of its phase, and what lies between.

    Args:
        candidates: All that have samples, at least one, in any order.
        marked: Steps that the person has marked, whether they have samples or not.
    """
    steps = sorted(item.step for item in candidates)
    wanted = tuple(step for step in steps if step in marked)
    if wanted:
        silent = len(set(marked)) - len(wanted)
        left_out = f"; {silent} marked without samples left out" if silent else ""
        return Choice(wanted, f"marked with *{left_out}")
    none = "none of the marked ones has samples" if marked else "none is marked with *"
    if len(steps) <= MOST:
        return Choice(tuple(steps), f"{none}: all that have samples")
    newest = max(candidates, key=lambda item: item.step)
    judged = [item for item in candidates if item.phase == newest.phase and item.validation is not None]
    best = min(judged, key=lambda item: (item.validation or 0.0, item.step), default=newest)
    taken = {newest.step, best.step}
    while len(taken) < MOST:
        # The one that lies furthest from all that were taken, so that the whole run is heard.
        taken.add(max(steps, key=lambda step: (min(abs(step - other) for other in taken), step)))
    return Choice(tuple(sorted(taken)), f"{none}: the newest, the best by validation, others spread over the run")
