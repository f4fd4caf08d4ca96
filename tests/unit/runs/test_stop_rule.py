"""Rules as a person types them, and when they come true."""

import dataclasses
import math

import numpy as np
import pytest

from ravetui.errors import ConfigError
from ravetui.runs.step_length import StepLength
from ravetui.runs.stop_rule import StopRules, read_rules, validations_without_gain
from ravetui.runs.training_spec import TrainingSpec


def rules(stop_after: str = "", patience: str = "") -> StopRules:
    return read_rules(
        dataclasses.replace(TrainingSpec(), stop_after=stop_after, patience=patience), StepLength(2200, 12.0)
    )


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("", StopRules()),
        ("never", StopRules()),
        ("first validation", StopRules(first_validation=True)),
        ("  First   Validation ", StopRules(first_validation=True)),
        ("step 1000", StopRules(step=1000)),
        ("step 213 400", StopRules(step=213_400)),
        ("step 213_400", StopRules(step=213_400)),
        ("epoch 97", StopRules(step=213_400)),
        ("epoch 0.5", StopRules(step=1100)),
        ("6 h", StopRules(seconds=21600)),
        ("1.5h", StopRules(seconds=5400)),
        ("90 min", StopRules(seconds=5400)),
        ("2 d", StopRules(seconds=172_800)),
        ("30 s", StopRules(seconds=30)),
    ],
)
def test_a_rule_means_what_it_says(typed: str, means: StopRules) -> None:
    assert rules(typed) == means


@pytest.mark.parametrize(
    "typed",
    [
        "soon",
        "1000",
        "step",
        "step -1",
        "step 0",
        "step 1.5",
        "epoch 0",
        "0 h",
        "6 hours or so",
        "h",
        "6 h 3",
        "step 1 000 x",
    ],
)
def test_what_is_no_rule_is_refused_with_what_can_be_written(typed: str) -> None:
    with pytest.raises(ConfigError, match=r"stop_after = '.*' is not a rule.*'first validation', 'step 1000'"):
        rules(typed)


def test_patience_is_a_number_of_validations() -> None:
    assert rules(patience="40 validations") == rules(patience="40") == StopRules(patience=40)
    assert rules(patience="1 validation") == StopRules(patience=1)
    assert rules(patience="never") == StopRules()
    assert rules("6 h", "3") == StopRules(seconds=21600, patience=3)
    for wrong in ("0", "-3", "1.5", "40 epochs", "a while"):
        with pytest.raises(ConfigError, match=r"patience = .* is not a number of validations"):
            rules(patience=wrong)


@pytest.mark.parametrize(
    ("values", "phase_began", "since", "stale"),
    [
        ([], 0, 0, 0),
        ([5], 0, 0, 0),
        ([5, 4, 3], 0, 0, 0),
        ([5, 3, 4, 3, 6], 0, 0, 3),  # As good is not better.
        ([5, 3, math.nan, math.inf], 0, 0, 2),
        ([math.nan, math.nan, math.nan], 0, 0, 2),
        ([5, 3, 4, 3, 6], 0, 30, 2),  # Stopped at step 30: counted anew.
        ([5, 1, 9, 8, 7], 20, 0, 0),  # Phase 2 is judged by itself.
        ([5, 1, 9, 9.5, 9.1], 20, 0, 2),
        ([5, 1], 20, 0, 0),
    ],
)
def test_validations_after_the_best_are_counted(values: list[float], phase_began: int, since: int, stale: int) -> None:
    step = np.arange(10, 10 * len(values) + 1, 10, dtype=np.int64)
    assert validations_without_gain(step, np.array(values, float), phase_began=phase_began, since=since) == stale
