"""Known answers, scipy's answers, and intervals that cover what they claim to."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from ravetui.errors import ScoreError
from ravetui.metrics.blind.preference import Floats, behind_best, mean_stars, preference, wins
from ravetui.metrics.blind.rank_correlation import kendall_p_value, kendall_tau_b

STARS = st.integers(1, 5)
QUALITIES = ([*np.linspace(2, 4, 6), 4.9], [3.0, 3.0, 3.0, 3.0, 4.9], [*np.linspace(1.5, 4.2, 12), 4.9])


def listened(quality: list[float], clips: int, rounds: int, random: np.random.Generator) -> Floats:
    """Whole stars of a listener who hears quality, how hard a clip is, and noise: (rounds, clips, versions)."""
    hard = random.normal(0, 0.5, (rounds, clips, 1))
    noise = random.normal(0, 0.7, (rounds, clips, len(quality)))
    return np.asarray(np.clip(np.round(np.array(quality) + hard + noise), 1, 5), dtype=np.float64)


@given(st.lists(st.tuples(STARS, STARS), min_size=2, max_size=7))
def test_tau_b_and_its_p_value_are_scipys(pairs: list[tuple[int, int]]) -> None:
    x, y = np.array(pairs, dtype=np.float64).T
    assume(np.ptp(x) > 0 and np.ptp(y) > 0)
    assert kendall_tau_b(x, y) == pytest.approx(stats.kendalltau(x, y, variant="b").statistic)
    # scipy's exact p-value knows no ties, its permutation test does.
    found = stats.permutation_test(
        (x,), lambda one: np.abs(kendall_tau_b(one, y)), permutation_type="pairings", n_resamples=np.inf
    )
    at_least = np.mean(np.asarray(found.null_distribution) >= found.statistic - 1e-12)
    assert kendall_p_value(x, y) == pytest.approx(at_least)


@given(st.permutations(range(6)))
def test_without_ties_the_p_value_is_that_of_scipys_exact_test(order: list[int]) -> None:
    x, y = np.arange(6.0), np.array(order, dtype=np.float64)
    assert kendall_p_value(x, y) == pytest.approx(stats.kendalltau(x, y, method="exact").pvalue)


def test_of_many_the_p_value_is_near_the_exact_one() -> None:
    random = np.random.default_rng(3)
    x = np.arange(12.0)
    for y in (random.permutation(12).astype(np.float64) for _ in range(5)):
        exact = stats.kendalltau(x, y, method="exact").pvalue
        assert kendall_p_value(x, y) == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 9999) + 2e-4)


def test_four_that_agree_completely_may_do_so_by_chance() -> None:
    assert kendall_tau_b(np.arange(4.0), np.arange(4.0)) == 1.0
    assert kendall_p_value(np.arange(4.0), np.arange(4.0)) == pytest.approx(2 / 24)
    assert np.isnan(kendall_tau_b(np.ones(4), np.arange(4.0)))


def test_wins_are_counted_by_hand() -> None:
    table = np.array([[1.0, 3.0, 3.0, 5.0], [2.0, 2.0, 2.0, 2.0]])
    assert wins(table)[0].tolist() == [0.0, 0.5, 0.5, 1.0]
    assert wins(table)[1].tolist() == [0.5] * 4
    assert preference(table).value.tolist() == [0.25, 0.5, 0.5, 0.75]
    with pytest.raises(ScoreError, match="two versions"):
        wins(table[:, :1])


@given(st.lists(st.lists(STARS, min_size=4, max_size=4), min_size=1, max_size=6))
def test_wins_are_friedmans_ranks(rows: list[list[int]]) -> None:
    table = np.array(rows, dtype=np.float64)
    assert wins(table) == pytest.approx((stats.rankdata(table, axis=1) - 1) / 3)
    assert wins(table).mean() == pytest.approx(0.5)


def test_of_two_versions_the_interval_is_wilsons() -> None:
    table = np.array([[1.0, 2.0]] * 7 + [[3.0, 1.0]] * 2)
    known = stats.binomtest(7, 9).proportion_ci(method="wilson")
    found = preference(table)
    assert (found.low[1], found.high[1]) == pytest.approx((known.low, known.high), abs=1e-4)
    assert (found.low[0], found.high[0]) == pytest.approx((1 - known.high, 1 - known.low), abs=1e-4)


def test_one_clip_tells_no_interval() -> None:
    found = mean_stars(np.array([[3.0, 4.0, 5.0]]))
    assert found.value.tolist() == [3.0, 4.0, 5.0]
    assert np.isnan(found.low).all()
    assert np.isnan(preference(np.array([[3.0, 4.0, 5.0]])).high).all()


def test_the_same_stars_for_all_clips_are_not_certain() -> None:
    found = mean_stars(np.full((3, 2), 4.0))
    assert (found.high - found.low > 0.5).all()


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("clips", [3, 5, 8])
def test_intervals_cover_what_they_claim(quality: list[float], clips: int) -> None:
    random = np.random.default_rng(clips)
    many = listened(quality, 60, 1500, random)
    stars = many.reshape(-1, len(quality)).mean(axis=0)
    share = np.mean([wins(one) for one in many], axis=(0, 1))
    rounds = listened(quality, clips, 1500, random)
    for judge, truth in ((mean_stars, stars), (preference, share)):
        found = [judge(one) for one in rounds]
        covers = np.mean([(one.low <= truth) & (truth <= one.high) for one in found], axis=0)
        assert covers.min() > 0.91
        assert covers.mean() > 0.935


def test_differences_are_found_where_they_are() -> None:
    table = np.array([[1.0, 3.0, 5.0], [2.0, 3.0, 5.0], [1.0, 4.0, 5.0], [1.0, 3.0, 4.0], [2.0, 4.0, 5.0]])
    behind, p = behind_best(table)
    assert behind == pytest.approx([3.4, 1.4, 0.0])
    assert p[0] < 0.01
    assert p[1] == pytest.approx(2 / 32, abs=0.01), "between the two better ones it is a sign test"
    assert p[2] == 1.0


def test_two_versions_are_an_exact_sign_test() -> None:
    """Of five clips that all prefer one, signs that change at random do as well twice in 2⁵."""
    _, p = behind_best(np.array([[1.0, 2.0]] * 5))
    assert p[0] == pytest.approx(2 / 32, abs=0.01)


@pytest.mark.parametrize("quality", [[3.0] * 6, [1.5, 1.5, 3.5, 3.5, 3.5]])
def test_the_truly_best_are_told_apart_in_at_most_a_twentieth_of_rounds(quality: list[float]) -> None:
    best = np.array(quality) == max(quality)
    random = np.random.default_rng(0)
    rounds = listened(quality, 6, 400, random)
    found = np.mean([(behind_best(one, 499)[1] < 0.05)[best].any() for one in rounds])
    assert found <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 400)
