"""Which versions a listener prefers, from stars that were given to the same clips in every version."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.interval import NORMAL_975, student_975

Floats = NDArray[np.float64]

SEED = 0
PERMUTATIONS = 9999
SCALE = (1.0, 5.0)
_PRIOR_DEGREES = 4
"""How many observations the variance of all versions is worth beside a version's own."""
EQUAL = 1e-9
"""Means that differ by less are equal."""
_ROUNDING = 1 / 12
"""Variance of what whole stars hide: rounding to one of them spreads over a star's width."""


@dataclass(frozen=True)
class Interval:
    """A number for each version with its 95 % interval, each (versions,); NaN where one clip tells no interval."""

    value: Floats
    low: Floats
    high: Floats


def mean_stars(table: Floats) -> Interval:
    """Mean rating of each version, with the interval of what other clips of this kind would give.

    Student's t over clips with a moderated variance: a version's own, shrunk towards that of all versions as if that
    had been seen four times (Smyth 2004, eq. 5, with a fixed prior), and not below that of rounding. A version that got
    the same stars for each of five clips is not certain, which its own variance alone would claim.

    Args:
        table: Stars, (clips, versions), at least one of each.
    """
    return _bounded(table.mean(axis=0), _reach(table, _ROUNDING), SCALE)


def wins(table: Floats) -> Floats:
    """Which share of the other versions each beats on each clip, ties half: (clips, versions), 0 to 1.

    It is the rank of Friedman's test, scaled: whether a clip is hard for all versions plays no part.

    Raises:
        ScoreError: There are fewer than two versions.
    """
    others = table.shape[1] - 1
    if others < 1:
        raise ScoreError("One version", "A preference takes two versions.")
    first, second = table[:, :, None], table[:, None, :]
    ties = (first == second).sum(axis=2) - 1
    return np.asarray(((first > second).sum(axis=2) + ties / 2) / others, dtype=np.float64)


def preference(table: Floats) -> Interval:
    """Share of pairwise wins of each version against all others on the same clips, ties half.

    The interval is that over clips, as of :func:`mean_stars`: comparisons on one clip share a rating, so they are no
    independent votes. Of two versions each clip is one vote, and the interval is Wilson's (1927).

    Args:
        table: Stars, (clips, versions), at least one clip and two versions.

    Raises:
        ScoreError: There are fewer than two versions.
    """
    share = wins(table)
    value = share.mean(axis=0)
    if table.shape[1] == 2:
        return _wilson(value, len(table))
    return _bounded(value, _reach(share, 0.0), (0.0, 1.0))


def behind_best(table: Floats, permutations: int = PERMUTATIONS) -> tuple[Floats, Floats]:
    """How far each version's mean lies below the best one's, and how often chance alone makes such a difference.

    A permutation test in randomised blocks: under its hypothesis, that a version is as good as all that look better, a
    clip's stars might as well belong to any of these. Counted is how often the *largest* difference between any two of
    them is as large as the one seen. Versions are gone through from the worst on, and no p-value is below an earlier
    one (stepwise as in Marcus, Peritz & Gabriel 1976): where some versions are truly the best, at most one round in
    twenty finds any of them worse than another, however many versions there are.

    Args:
        table: Stars of the versions that are compared, (clips, versions), at least one of each.
        permutations: Beside the one that was heard, for each version.

    Returns:
        Differences, at least 0, and p-values, 1 for the best: each (versions,).
    """
    mean = table.mean(axis=0)
    behind = mean.max() - mean
    p = np.ones(table.shape[1])
    reached = 0.0
    for place in np.argsort(mean, kind="stable"):
        rivals = table[:, mean >= mean[place] - EQUAL]
        reached = max(reached, _chance(rivals, behind[place], permutations))
        p[place] = reached
    return behind, p


def _chance(table: Floats, difference: float, permutations: int) -> float:
    """Probability that stars given out at random within each clip make two means differ so much."""
    if difference <= EQUAL:
        return 1.0
    order = np.random.default_rng(SEED).random((permutations, *table.shape)).argsort(axis=2)
    means = np.take_along_axis(np.broadcast_to(table, order.shape), order, axis=2).mean(axis=1)
    return float((1 + (np.ptp(means, axis=1) >= difference - EQUAL).sum()) / (1 + permutations))


def _reach(values: Floats, least: float) -> Floats:
    """Half the width of the interval of each column's mean; NaN for a single row."""
    count = len(values)
    if count < 2:
        return np.full(values.shape[1], np.nan)
    own = values.var(axis=0, ddof=1)
    degrees = count - 1 + _PRIOR_DEGREES
    variance = ((count - 1) * own + _PRIOR_DEGREES * own.mean()) / degrees
    return np.asarray(student_975(degrees) * np.sqrt(np.maximum(variance, least) / count))


def _bounded(value: Floats, reach: Floats, ends: tuple[float, float]) -> Interval:
    return Interval(value, np.maximum(value - reach, ends[0]), np.minimum(value + reach, ends[1]))


def _wilson(share: Floats, votes: int) -> Interval:
    square = NORMAL_975**2
    centre = (share + square / (2 * votes)) / (1 + square / votes)
    half = NORMAL_975 / (1 + square / votes) * np.sqrt(share * (1 - share) / votes + square / (4 * votes**2))
    return Interval(share, np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0))
