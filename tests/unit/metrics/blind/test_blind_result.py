"""What a round says in words: who is best, whether the original was known, whether FAD and KID agree."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ravetui.metrics.blind.result import BlindResult, blind_result
from ravetui.metrics.blind.words import agreement_words, few_words, row_words, sentences
from ravetui.runs.blind.round import Answer, BlindRound
from ravetui.runs.blind.shuffle import Stimulus
from ravetui.runs.scores import ScoreRecord

STEPS = (100, 200, 300, 400, 500)
CLIPS = tuple("abcdef")


def heard(stars: Mapping[int | None, int], clips: int = len(CLIPS)) -> BlindRound:
    """A round in which each version got the same on each clip, give or take one."""
    steps = tuple(step for step in stars if step is not None)
    answers = {
        Stimulus(clip, step): Answer(min(max(given + (number % 3 == 0), 1), 5), 1.0)
        for number, clip in enumerate(CLIPS[:clips])
        for step, given in stars.items()
    }
    return BlindRound(1, 0.0, 1, steps, CLIPS, answers=answers, ended=2.0)


def score(step: int, fad: float, embedder: str = "mel", created: float = 0.0) -> ScoreRecord:
    metrics: dict[str, Any] = {"fad": {"value": fad}, "kid": {"value": 10 * fad}}
    return ScoreRecord("graz", step, 1, embedder, embedder, "validation", 9, created, metrics, Path("x"))


def judged(stars: Mapping[int | None, int], scores: list[ScoreRecord] | None = None, clips: int = 6) -> BlindResult:
    return blind_result("graz", heard(stars, clips), scores or [])


RISING: dict[int | None, int] = {100: 1, 200: 2, 300: 3, 400: 4, 500: 4, None: 5}


def test_the_table_is_in_order_and_says_what_is_told() -> None:
    found = judged(RISING)
    assert [item.step for item in found.versions] == [None, 400, 500, 300, 200, 100]
    assert [item.verdict for item in found.versions] == ["original", "best", "best", "worse", "worse", "worse"]
    assert found.clips == 6
    cells = row_words(found.versions[-1])
    assert cells[0] == "step 100"
    assert cells[3].startswith("−3.0  worse, p < 0.001")
    close = judged({100: 3, 200: 3, None: 5}, clips=4)
    assert {item.verdict for item in close.checkpoints} == {"best"}
    few = judged({100: 3, 200: 4, None: 5}, clips=3)
    assert "cannot tell, p 0.25" in row_words(few.versions[-1])[3]
    assert few_words(few) == ["cannot tell: at this n, 3 clips, chance alone often makes such a difference."]


def test_a_preferred_original_vouches_for_the_listener() -> None:
    (told,) = sentences(judged(RISING))
    assert told.startswith("You preferred the hidden original (5.0) to every checkpoint")


@pytest.mark.parametrize(
    ("original", "words"),
    [
        (2, "below 2 of 5 checkpoints, step 400 (4.3) the highest: this round says little."),
        (4, "no higher than step 400 (4.3): you did not tell the two apart."),
    ],
)
def test_an_original_that_is_not_preferred_is_said_plainly(original: int, words: str) -> None:
    stars: dict[int | None, int] = {100: 1, 200: 1, 300: 1, 400: 4, 500: 3, None: original}
    assert words in sentences(judged(stars))[0]


def test_a_round_that_was_ended_early_says_what_counts() -> None:
    found = judged(RISING, clips=2)
    assert sentences(found)[0] == "12 of 36 were rated: 2 clips in every version, and only such count."
    assert "One clip tells no interval" in sentences(judged(RISING, clips=1))[1]
    assert row_words(judged(RISING, clips=1).versions[0])[1] == "5.0"
    none = judged(RISING, clips=0)
    assert none.versions == ()
    assert "there is no table" in sentences(none)[-1]
    assert agreement_words(none) == []


def test_one_checkpoint_is_the_only_one() -> None:
    assert [item.verdict for item in judged({100: 3, None: 5}).versions] == ["original", "only"]


def test_fad_that_falls_as_stars_rise_agrees() -> None:
    stars: dict[int | None, int] = {100: 1, 200: 2, 300: 3, 400: 4, None: 5}
    found = judged(stars, [score(step, 1 / step) for step in STEPS])
    assert [(item.metric, item.tau, item.count) for item in found.agreements] == [("fad", 1.0, 4), ("kid", 1.0, 4)]
    assert found.agreements[0].p == pytest.approx(2 / 24)
    assert agreement_words(found)[0] == (
        "FAD cannot be told to agree or not: tau-b +1.00, p 0.083, 4 checkpoints (mel against validation)."
    )
    five = judged({**stars, 500: 5}, [score(step, 1 / step) for step in STEPS])
    assert agreement_words(five)[0].startswith("FAD agrees with your ears: tau-b +1.00, p 0.017, 5 checkpoints")
    against = judged({**stars, 500: 5}, [score(step, step) for step in STEPS])
    assert agreement_words(against)[1].startswith("KID contradicts your ears: tau-b −1.00")


def test_with_fewer_than_four_scored_it_says_why_there_is_no_number() -> None:
    found = judged(RISING, [score(100, 1.0), score(200, 1.0), score(300, 2.0), score(999, 1.0)])
    assert agreement_words(found) == [
        "FAD and KID (mel against validation): no number, since 3 of 5 are scored, and it takes 4."
    ]
    assert "none of these checkpoints is scored" in agreement_words(judged(RISING))[0]
    one = score(100, 1.0)
    flat = [replace(score(step, step), metrics={**score(step, step).metrics, "kid": {"value": 4.1}}) for step in STEPS]
    assert agreement_words(judged(RISING, [*flat, replace(one, embedder="clap")]))[1] == (
        "KID (mel against validation): no number, since all of them are equal, so there is no order to agree with."
    )
    equal = judged(RISING, [score(step, 1.0) for step in STEPS])
    assert "no order to agree with" in agreement_words(equal)[0]


def test_embedders_are_told_apart_and_the_newest_score_counts() -> None:
    scores = [score(step, 1 / step) for step in STEPS] + [score(step, step, "clap") for step in STEPS[:3]]
    assert {item.embedder for item in judged(RISING, scores).agreements} == {"mel"}
    scores += [score(step, float(step), created=1.0) for step in STEPS]
    tau = judged(RISING, scores).agreements[0].tau
    assert tau is not None
    assert tau < -0.9


def test_the_result_is_json() -> None:
    document = judged(RISING).as_dict()
    assert document["versions"][0]["step"] is None
    assert document["versions"][0]["behind"] is None
