"""Runs side by side."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import theilslopes

from ravetui.app.comparison import ComparisonReader
from ravetui.app.differences import Difference, differences
from ravetui.runs.spec import ParentRef
from tests.run_maker import STEPS_PER_EPOCH, MadeRun, workspace_in


def test_what_differs_is_named_as_it_is_typed_and_nothing_else(tmp_path: Path) -> None:
    spec = MadeRun(workspace_in(tmp_path), "a").spec
    other = dataclasses.replace(
        spec,
        name="b",
        id="b",
        parent=ParentRef("a", "a", 100),
        model=dataclasses.replace(spec.model, ratios=(4, 4), capacity=32),
        training=dataclasses.replace(spec.training, stop_after="20 epochs"),
        augment=dataclasses.replace(spec.augment, gain=6.0),
    )
    assert differences([spec, other, spec]) == [
        Difference("fork of", ("–", "a@100", "–")),
        Difference("capacity", ("16", "32", "16")),
        Difference("ratios", ("4,4,4", "4,4", "4,4,4")),
        Difference("stop_after", ("–", "20 epochs", "–")),
        Difference("gain", ("0.0", "6.0", "0.0")),
    ]
    assert differences([spec, spec]) == []
    assert differences([]) == []


def test_best_and_trend_are_those_of_the_present_phase(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    made = MadeRun(workspace, "graz").begin()
    for _ in range(6):
        made.train(50)
        before = made.validate(samples=0)
    made.go_adversarial()
    values = []
    for _ in range(6):
        made.train(50)
        values.append(made.validate(samples=0))
    made.score(600)
    (found,) = ComparisonReader(workspace).look(["graz"], "validation")
    made.release()
    assert len(found.series.step) == 12
    assert found.best == pytest.approx(min(values)) and found.best_step == 600
    assert found.best is not None and found.best < before and found.last == pytest.approx(values[-1])
    assert found.trend is not None and found.trend.high < 0
    assert found.score is not None and found.score.checkpoint == 600


def test_the_compared_curve_is_told_by_its_epochs(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    made = MadeRun(workspace, "graz").begin().train(330)
    (found,) = ComparisonReader(workspace).look(["graz"], "fullband_spectral_distance")
    (other,) = ComparisonReader(workspace).look(["graz"], "adversarial")
    made.release()
    values = found.series.value
    means = [values[end - STEPS_PER_EPOCH : end].mean() for end in range(330, 49, -STEPS_PER_EPOCH)]
    assert found.shown == pytest.approx(means[0])
    first = values[: 330 - len(means) * STEPS_PER_EPOCH].mean()
    wanted = theilslopes([first, *means[::-1]])[0]
    assert found.shown_trend is not None and found.shown_trend.slope < 0
    assert found.shown_trend.slope == pytest.approx(wanted / np.median([first, *means]))
    assert (other.shown, other.shown_trend) == (None, None)


def test_what_was_added_is_seen_and_what_has_gone_is_left_out(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    made = MadeRun(workspace, "graz").begin().train(10)
    reader = ComparisonReader(workspace)
    (first,) = reader.look(["graz", "nobody"], "loss")
    (again,) = reader.look(["graz"], "loss")
    made.train(5)
    (later,) = reader.look(["graz"], "loss")
    made.release()
    assert first.same_as(again) and not again.same_as(later)
    assert later.series.step[-1] == 15
    assert (later.best, later.last, later.trend) == (None, None, None)
