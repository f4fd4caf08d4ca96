"""What people heard: stars for a clip of a step, kept in the run's folder as lines that are only ever appended."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from ravetui.errors import RunError
from ravetui.runs.checked_line import checked_line, read_lines, write_line
from ravetui.runs.events import append_event
from ravetui.runs.folder import RunFolder

WORDS = {1: "bad", 2: "poor", 3: "fair", 4: "good", 5: "excellent"}
"""The scale of ITU-R BS.1284 and ITU-T P.800."""

WITHDRAWN = 0
"""In place of stars: the clip of that step counts as not rated."""


@dataclass(frozen=True)
class Rating:
    """What was said once of one clip; of the same clip and step the last one counts."""

    clip: str
    """Name of the sample."""
    step: int
    stars: int
    """1 to 5, or :data:`WITHDRAWN`."""
    created: float
    """Unix time, seconds."""
    round: int | None = None
    """Number of the blind round in which it was heard; None: whoever rated it knew what it was."""


@dataclass(frozen=True)
class StepRating:
    """What the clips of one step were rated."""

    mean: float
    low: int
    """Of the clip that was liked least."""
    high: int
    count: int
    """Rated clips."""
    created: float
    """Unix time of the newest of them, seconds."""


@dataclass(frozen=True)
class Ratings:
    """All that count: the last of each clip and step."""

    current: Mapping[tuple[int, str], Rating] = field(default_factory=dict)
    """By step and clip."""

    def stars(self, step: int | None, clip: str) -> int | None:
        """What a clip was rated; None: it was not."""
        found = None if step is None else self.current.get((step, clip))
        return found.stars if found else None

    @cached_property
    def steps(self) -> Mapping[int, StepRating]:
        """Each step of which a clip was rated, in order."""
        found: dict[int, list[Rating]] = {}
        for rating in self.current.values():
            found.setdefault(rating.step, []).append(rating)
        return {step: _together(found[step]) for step in sorted(found)}


def rate(run: RunFolder, clip: str, step: int, stars: int) -> Rating:
    """Append a rating: one synced write, so that of several screens at once none loses one.

    Args:
        run: Whose folder keeps it; it may be a run of another program.
        clip: Name of the sample.
        step: Of the checkpoint that made it.
        stars: 1 to 5, or :data:`WITHDRAWN`.

    Raises:
        RunError: It is no number of stars, or cannot be written.
    """
    if stars not in (WITHDRAWN, *WORDS):
        raise RunError("No rating", f"{stars} is not a rating: 1 (bad) to 5 (excellent).")
    rating = Rating(clip, step, stars, round(time.time(), 3))
    append_ratings(run, [rating])
    return rating


def append_ratings(run: RunFolder, ratings: Sequence[Rating]) -> None:
    """Append several at once, in one synced write.

    Raises:
        RunError: They cannot be written.
    """
    try:
        run.path.mkdir(parents=True, exist_ok=True)  # of a run of another program nothing is kept before
        if ratings:
            write_line(run.ratings, b"".join(checked_line(_fields(item)) for item in ratings))
        # Told as an event as well where the run has any; what counts are the lines above.
        if ratings and run.events.exists():
            append_event(run.events, "rated", **_told(ratings))
    except OSError as error:
        reason = error.strerror or str(error)
        raise RunError("Not rated", f"{run.ratings} cannot be written: {reason}.", "Free some space.") from None


def rating_history(run: RunFolder) -> list[Rating]:
    """Every rating there ever was, oldest first; a torn or damaged line is passed over."""
    try:
        lines = read_lines(run.ratings)
    except OSError:
        return []
    return [found for fields in lines if (found := _rating(fields)) is not None]


def read_ratings(run: RunFolder) -> Ratings:
    """The ratings that count."""
    return counting(rating_history(run))


def counting(history: Iterable[Rating]) -> Ratings:
    """Those of a history that count: of each step and clip the last, unless it was withdrawn."""
    last = {(item.step, item.clip): item for item in history}
    return Ratings({key: item for key, item in last.items() if item.stars != WITHDRAWN})


def _together(ratings: list[Rating]) -> StepRating:
    stars = [item.stars for item in ratings]
    newest = max(item.created for item in ratings)
    return StepRating(sum(stars) / len(stars), min(stars), max(stars), len(stars), newest)


def _fields(rating: Rating) -> dict[str, Any]:
    """As a line has it: only a rating of a blind round names one."""
    return {key: value for key, value in asdict(rating).items() if value is not None}


def _told(ratings: Sequence[Rating]) -> dict[str, Any]:
    """The event of one rating, or of several."""
    if len(ratings) == 1:
        return {"step": ratings[0].step, "clip": ratings[0].clip, "stars": ratings[0].stars}
    return {"count": len(ratings), "round": ratings[0].round}


def _rating(fields: Mapping[str, Any]) -> Rating | None:
    try:
        return Rating(fields["clip"], fields["step"], fields["stars"], fields["created"], fields.get("round"))
    except KeyError:
        return None
