"""What a blind round says: a line for each version, and whether FAD and KID agree."""

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ravetui.metrics.blind.agreement import Agreement, agreements
from ravetui.metrics.blind.preference import EQUAL, behind_best, mean_stars, preference
from ravetui.runs.blind.round import BlindRound
from ravetui.runs.scores import ScoreRecord

Verdict = Literal["original", "only", "best", "worse", "cannot tell"]
DECIDED = 0.05
"""A difference with a smaller p-value is told."""


@dataclass(frozen=True)
class VersionResult:
    """One version; ends of 95 % intervals are None where a single clip tells none."""

    step: int | None
    """None: the original."""
    stars: float
    """Mean over clips."""
    stars_low: float | None
    stars_high: float | None
    preferred: float
    """Share of wins against every other version on the same clips, ties half, 0 to 1."""
    preferred_low: float | None
    preferred_high: float | None
    behind: float | None
    """Stars below the best checkpoint; None: the original, which is compared with none."""
    p: float | None
    """How often chance alone makes such a difference; see :func:`~ravetui.metrics.blind.preference.behind_best`."""
    verdict: Verdict
    """``only``: there is no other checkpoint."""


@dataclass(frozen=True)
class BlindResult:
    """All that a round says."""

    run: str
    number: int
    created: float
    """Unix time, seconds."""
    ended: float | None
    """Unix time, seconds; None: it goes on."""
    said: int
    """Stimuli that were rated or left out."""
    stimuli: int
    clips: int
    """Clips that were rated in every version: what counts."""
    versions: tuple[VersionResult, ...]
    """The best first; empty while no clip is whole."""
    agreements: tuple[Agreement, ...]

    @property
    def original(self) -> VersionResult | None:
        """What the hidden original got."""
        return next((item for item in self.versions if item.step is None), None)

    @property
    def checkpoints(self) -> tuple[VersionResult, ...]:
        """The others, the best first."""
        return tuple(item for item in self.versions if item.step is not None)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def blind_result(run: str, heard: BlindRound, scores: Iterable[ScoreRecord]) -> BlindResult:
    """Judge a round.

    Args:
        run: Its name.
        heard: The round.
        scores: Of the run's checkpoints.
    """
    versions = _versions(heard) if heard.whole_clips else ()
    stars = {item.step: item.stars for item in versions if item.step is not None}
    return BlindResult(
        run=run,
        number=heard.number,
        created=heard.created,
        ended=heard.ended,
        said=heard.said,
        stimuli=len(heard.order),
        clips=len(heard.whole_clips),
        versions=versions,
        agreements=tuple(agreements(stars, scores)) if stars else (),
    )


def _versions(heard: BlindRound) -> tuple[VersionResult, ...]:
    stars, wins = mean_stars(heard.table), preference(heard.table)
    # The original is no candidate: its stars would make every difference look like chance.
    behind, p = behind_best(heard.table[:, :-1])
    found = []
    for place, step in enumerate(heard.versions):
        less, chance = (None, None) if step is None else (float(behind[place]), float(p[place]))
        found.append(
            VersionResult(
                step,
                float(stars.value[place]),
                _finite(stars.low[place]),
                _finite(stars.high[place]),
                float(wins.value[place]),
                _finite(wins.low[place]),
                _finite(wins.high[place]),
                less,
                chance,
                _verdict(less, chance, alone=len(heard.steps) == 1),
            )
        )
    return tuple(sorted(found, key=lambda item: (-item.stars, -item.preferred, item.step is not None, item.step or 0)))


def _verdict(behind: float | None, p: float | None, *, alone: bool) -> Verdict:
    if behind is None or p is None:
        return "original"
    if alone:
        return "only"
    if behind < EQUAL:
        return "best"
    return "worse" if p < DECIDED else "cannot tell"


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
