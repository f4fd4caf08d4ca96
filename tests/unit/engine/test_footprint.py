"""Sizes of networks, known before they are built."""

import dataclasses

import pytest
import torch

from ravetui.engine.footprint import footprint
from ravetui.engine.launch.measurement import Measurement
from ravetui.engine.model.critics import build_discriminator
from ravetui.engine.model.rave import RAVE
from ravetui.engine.presets import PRESETS, find_preset
from ravetui.runs.estimate import shape_of
from ravetui.runs.spec import read_spec
from ravetui.runs.timing import Timings
from ravetui.runs.training_spec import TrainingSpec
from tests.workspaces import SMALL, small_run, small_workspace

FACTOR = 1.6
"""An estimate of memory may be off so many times, either way."""


@pytest.mark.parametrize("name", [*PRESETS, "v2+noise", "v2+wasserstein", "v2+spherical"])
def test_parameters_are_those_of_the_networks(name: str) -> None:
    preset = find_preset(name)
    with torch.device("meta"):
        rave, critic = RAVE(preset.model), build_discriminator(preset.model)
    found = footprint(preset.model, preset.loss, preset.training)
    own = sum(item.numel() for part in (rave.encoder, rave.generator) for item in part.parameters())
    assert found.parameters == pytest.approx(own, rel=0.01)
    assert found.discriminator_parameters == pytest.approx(sum(i.numel() for i in critic.parameters()), rel=0.01)


def test_what_makes_a_step_larger_takes_more_memory() -> None:
    preset = PRESETS["v2"]
    sizes = [
        footprint(preset.model, preset.loss, dataclasses.replace(TrainingSpec(), batch_size=batch)) for batch in (1, 8)
    ]
    assert sizes[0].memory_1_bytes < sizes[1].memory_1_bytes < sizes[1].memory_2_bytes
    assert sizes[0].checkpoint_bytes == sizes[1].checkpoint_bytes
    wide = dataclasses.replace(preset.model, capacity=2 * preset.model.capacity)
    assert footprint(wide, preset.loss, TrainingSpec()).parameters > 3 * sizes[0].parameters


def test_a_measurement_says_how_far_it_is_and_is_kept(tmp_path_factory: pytest.TempPathFactory) -> None:
    workspace = small_workspace(tmp_path_factory.mktemp("measured"))
    changes = {**SMALL, "crop": "65536", "batch_size": "4", "capacity": "16"}
    said: list[tuple[float, str]] = []
    found = Measurement(workspace, "tones", changes).wait(lambda *words: said.append(words))
    assert found is not None
    assert [fraction for fraction, _ in said] == sorted(fraction for fraction, _ in said)
    assert {"a step of phase 1", "a step of the generator"} <= {note for _, note in said}
    assert min(found.phase_1_s, found.discriminator_s, found.generator_s) > 0
    spec = read_spec(small_run(workspace, "same", **changes).spec_path)
    assert Timings(workspace.timings).newest(shape_of(spec)) == found
    sizes = footprint(spec.model, spec.loss, spec.training)
    for measured, estimated in (
        (found.memory_1_bytes, sizes.memory_1_bytes),
        (found.memory_2_bytes, sizes.memory_2_bytes),
    ):
        assert measured is not None
        assert 1 / FACTOR < estimated / measured < FACTOR


def test_a_measurement_that_is_cancelled_gives_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    workspace = small_workspace(tmp_path_factory.mktemp("cancelled"))
    measurement = Measurement(workspace, "tones", SMALL)
    assert measurement.wait(lambda *_: measurement.cancel()) is None
    assert not workspace.timings.exists()
