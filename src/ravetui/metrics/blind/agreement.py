"""Whether FAD and KID put the checkpoints of a blind round in the order in which a listener did."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from ravetui.metrics.blind.rank_correlation import kendall_p_value, kendall_tau_b
from ravetui.metrics.catalogue import METRICS
from ravetui.runs.scores import ScoreRecord

FEWEST = 4
"""Of three checkpoints even complete agreement is chance in one round of three, p = 0.33."""
COMPARED = ("fad", "kid")


@dataclass(frozen=True)
class Agreement:
    """Of one metric with the stars."""

    metric: str
    embedder: str
    embedder_label: str
    reference: str
    count: int
    """Checkpoints of the round that have this number."""
    tau: float | None
    """Kendall's tau-b between stars and quality by the metric: 1 where it prefers what the listener did."""
    p: float | None
    """How often a random order agrees or disagrees as much, two-sided."""
    reason: str = ""
    """Why there is no number, in one sentence."""


def agreements(stars: Mapping[int, float], scores: Iterable[ScoreRecord]) -> list[Agreement]:
    """Kendall's tau-b between mean stars and FAD or KID, for every embedder and reference that scored enough of them.

    Args:
        stars: Mean rating of each checkpoint by step.
        scores: Of the run; of one checkpoint the newest of its kind counts.

    Returns:
        Where no kind of score has enough, why not, of the one that has most; empty without any score.
    """
    groups: dict[tuple[str, str], dict[int, ScoreRecord]] = {}
    for score in sorted(scores, key=lambda item: item.created):
        if score.checkpoint in stars:
            groups.setdefault((score.embedder, score.reference), {})[score.checkpoint] = score
    found = [[_agreement(metric, stars, group) for metric in COMPARED] for group in groups.values()]
    told = [kind for kind in found if any(item.tau is not None for item in kind)]
    most = sorted(found, key=lambda kind: -max(item.count for item in kind))[:1]
    return [item for kind in told or most for item in kind]


def _agreement(metric: str, stars: Mapping[int, float], group: Mapping[int, ScoreRecord]) -> Agreement:
    values = {step: value for step, score in group.items() if (value := _value(score, metric)) is not None}
    newest = max(group.values(), key=lambda item: item.created)
    names = (metric, newest.embedder, newest.embedder_label, newest.reference, len(values))
    if len(values) < FEWEST:
        return Agreement(*names, None, None, f"{len(values)} of {len(stars)} are scored, and it takes {FEWEST}")
    heard = np.array([stars[step] for step in values])
    sign = -1.0 if METRICS[metric].better == "lower" else 1.0
    judged = sign * np.array(list(values.values()))
    tau = kendall_tau_b(heard, judged)
    if not np.isfinite(tau):
        return Agreement(*names, None, None, "all of them are equal, so there is no order to agree with")
    return Agreement(*names, tau, kendall_p_value(heard, judged))


def _value(score: ScoreRecord, metric: str) -> float | None:
    value = score.metrics.get(metric, {}).get("value")
    return float(value) if isinstance(value, int | float) and np.isfinite(value) else None
