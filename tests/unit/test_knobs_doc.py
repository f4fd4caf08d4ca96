"""docs/knobs.md names every setting of a run with the default it has."""

import ast
import dataclasses
import re
from pathlib import Path

import pytest

from ravetui.runs.model_spec import ModelSpec
from ravetui.runs.training_spec import AugmentSpec, LossSpec, TrainingSpec

DOC = Path(__file__).parents[2] / "docs" / "knobs.md"


@pytest.mark.parametrize("spec", [ModelSpec, LossSpec, TrainingSpec, AugmentSpec])
def test_every_setting_is_there_with_its_default(spec: type) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \| .+ \|$", DOC.read_text("utf-8"), flags=re.MULTILINE))
    for item in dataclasses.fields(spec):
        assert ast.literal_eval(rows[item.name]) == item.default, item.name


def test_what_to_turn_names_only_settings_that_exist() -> None:
    advice = DOC.read_text("utf-8").partition("## Which one to turn")[2].partition("`latent_dropout` and")[0]
    known = {item.name for spec in (ModelSpec, LossSpec, TrainingSpec) for item in dataclasses.fields(spec)}
    named = set(re.findall(r"`([a-z_0-9]+)`", advice)) - {"pred_real", "pred_fake"}
    assert named and named <= known
