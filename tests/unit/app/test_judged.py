"""Scores as curves."""

import math
from pathlib import Path
from typing import Any

import numpy as np

from ravetui.app.curves import GROUPS, groups_with
from ravetui.app.judged import judged_series, judgements_of, score_tag
from ravetui.runs.scores import ScoreRecord


def score(step: int, created: float, metrics: dict[str, Any], **other: str) -> ScoreRecord:
    fields: dict[str, Any] = {"embedder": "mel", "reference": "validation", **other}
    return ScoreRecord(
        "graz", step, 1, embedder_label="mel", n=9, created=created, metrics=metrics, path=Path(), **fields
    )


FAD = {"value": 0.21, "low": 0.19, "high": 0.23}


def test_each_metric_embedder_and_reference_is_a_curve_of_its_own() -> None:
    scores = [
        score(200, 9.0, {"fad": FAD, "kid": {"value": 4.1, "low": None, "high": None}}),
        score(100, 5.0, {"fad": {"value": 0.4}}),
        score(100, 6.0, {"fad": FAD}, reference="train"),
        score(100, 6.0, {"fad": FAD}, embedder="clap"),
    ]
    found = judged_series(judgements_of(scores), {100: 1.0, 200: 2.0})
    assert set(found) == {
        score_tag("fad", "mel", "validation"),
        score_tag("kid", "mel", "validation"),
        score_tag("fad", "mel", "train"),
        score_tag("fad", "clap", "validation"),
    }
    fad = found[score_tag("fad", "mel", "validation")]
    assert fad.step.tolist() == [100, 200] and fad.value.tolist() == [0.4, 0.21]
    assert fad.time.tolist() == [1.0, 2.0], "it stands where its checkpoint was trained, not where it was scored"
    assert math.isnan(fad.low[0]) and fad.low[1] == 0.19 and fad.high[1] == 0.23
    assert np.isnan(found[score_tag("kid", "mel", "validation")].low).all()


def test_the_later_of_two_scores_of_a_checkpoint_counts() -> None:
    scores = [score(100, 9.0, {"fad": {"value": 0.2}}), score(100, 5.0, {"fad": {"value": 0.4}})]
    (series,) = judged_series(judgements_of(scores), {}).values()
    assert series.value.tolist() == [0.2] and series.time.tolist() == [9.0]


def test_what_is_no_number_is_left_out() -> None:
    bad: dict[str, Any] = {"fad": {"value": None}, "kid": "nonsense", "vendi": {"value": "7"}, "x": {"value": math.inf}}
    assert list(judgements_of([score(100, 1.0, bad)])) == []


def test_a_group_of_scores_is_there_once_there_is_a_score() -> None:
    without = [group.title for group in groups_with(GROUPS, ())]
    scored = [group.title for group in groups_with(GROUPS, [score_tag("fad", "mel", "validation")])]
    assert "FAD · mel" not in without and "KID · mel" not in scored
    assert [title for title in scored if title not in without] == ["FAD · mel"]


def test_every_number_of_a_group_is_a_curve_with_a_name_of_its_own() -> None:
    for group in GROUPS:
        assert len({curve.label for curve in group.curves}) == len(group.curves)
        assert len(set(group.tags)) == len(group.tags)
    assert len({group.title for group in GROUPS}) == len(GROUPS)


def test_scores_against_a_folder_or_a_run_are_lines_of_the_same_chart() -> None:
    others = ("folder studio", "run graz at step 2 000")
    there = {score_tag("fad", "mel", reference) for reference in ("validation", *others)}
    there.add(score_tag("fad", "clap", "folder elsewhere"))
    (chart,) = (group for group in groups_with(GROUPS, there) if group.title == "FAD · mel")
    found = {curve.label: curve for curve in chart.curves}
    assert list(found) == ["against validation", "against train", *(f"against {name}" for name in others)]
    assert found["against folder studio"].tag == score_tag("fad", "mel", "folder studio")
    assert len({curve.role for curve in chart.curves}) == 4
