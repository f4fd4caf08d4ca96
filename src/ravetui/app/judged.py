"""What was said of checkpoints, as curves on the axis of the losses.

A score says several numbers of one checkpoint, each a :class:`Judgement`. Whatever else judges checkpoints (a person's
ear) becomes a curve by yielding judgements with a tag of its own, and a group in :mod:`ravetui.app.curves`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.history import Series
from ravetui.runs.ratings import Ratings
from ravetui.runs.scores import ScoreRecord

_PREFIX = "judged/"
RATING_TAG = f"{_PREFIX}rating"
"""Of the stars that people gave to the clips of a step."""


@dataclass(frozen=True)
class Judgement:
    """One number that was said of one checkpoint."""

    tag: str
    """What is judged, by whom, against what: judgements of one tag can be compared."""
    step: int
    created: float
    """Unix time of the judgement, seconds: of a checkpoint that was judged twice, the later counts."""
    value: float
    low: float
    """Lower end of its interval; NaN when it has none."""
    high: float


class JudgedSeries(Series):
    """A curve of judgements with their intervals, each where its checkpoint was trained.

    Args:
        tag: Its name.
        step: Shape (n,).
        time: Unix time, shape (n,), seconds.
        value: Shape (n,).
        low: Lower ends, shape (n,), NaN where there is no interval.
        high: Upper ends, shape (n,).
    """

    def __init__(
        self,
        tag: str,
        step: NDArray[np.int64],
        time: NDArray[np.float64],
        value: NDArray[np.float64],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
    ) -> None:
        super().__init__(tag, step, time, value)
        self.low = low
        self.high = high


def score_tag(metric: str, embedder: str, reference: str) -> str:
    """The tag of one metric: numbers of another embedder or reference are another curve."""
    return f"{_PREFIX}{metric}/{embedder}/{reference}"


def is_judged(tag: str) -> bool:
    """Whether a tag is one of judgements: they are in every detail, and in no journal."""
    return tag.startswith(_PREFIX)


def judgements_of(scores: Iterable[ScoreRecord]) -> Iterator[Judgement]:
    """Every number of every score; one that is missing or no number is left out."""
    for score in scores:
        for name, found in score.metrics.items():
            value = _number(found, "value")
            if value is not None:
                low, high = _number(found, "low"), _number(found, "high")
                ends = (np.nan, np.nan) if low is None or high is None else (min(low, high), max(low, high))
                tag = score_tag(name, score.embedder, score.reference)
                yield Judgement(tag, score.checkpoint, score.created, value, *ends)


def judgements_by_ear(ratings: Ratings) -> Iterator[Judgement]:
    """The mean of each step's rated clips, with their range."""
    for step, found in ratings.steps.items():
        yield Judgement(RATING_TAG, step, found.created, found.mean, found.low, found.high)


def judged_series(judgements: Iterable[Judgement], trained: Mapping[int, float]) -> dict[str, JudgedSeries]:
    """A curve for each tag.

    Args:
        judgements: In any order.
        trained: When each step was trained, Unix time, seconds; of a step that is not there the time of the last one
            before it counts, or the first there is.
    """
    newest: dict[str, dict[int, Judgement]] = {}
    for one in sorted(judgements, key=lambda item: item.created):
        newest.setdefault(one.tag, {})[one.step] = one
    return {tag: _series(tag, [found[step] for step in sorted(found)], trained) for tag, found in newest.items()}


def _series(tag: str, found: list[Judgement], trained: Mapping[int, float]) -> JudgedSeries:
    step = np.array([one.step for one in found], dtype=np.int64)
    value, low, high = (
        np.array([getattr(one, name) for one in found], dtype=np.float64) for name in ("value", "low", "high")
    )
    known = np.array(sorted(trained), dtype=np.int64)
    if not known.size:
        return JudgedSeries(tag, step, np.array([one.created for one in found]), value, low, high)
    before = np.maximum(np.searchsorted(known, step, "right") - 1, 0)
    time = np.array([trained[int(known[index])] for index in before])
    return JudgedSeries(tag, step, time, value, low, high)


def _number(found: object, name: str) -> float | None:
    value = found.get(name) if isinstance(found, Mapping) else None
    return float(value) if isinstance(value, int | float) and np.isfinite(value) else None
