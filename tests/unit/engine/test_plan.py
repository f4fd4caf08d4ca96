"""What a run will be, before it exists."""

import dataclasses
import re
from pathlib import Path

import pytest

from ravetui.config import RunSettings
from ravetui.engine.data.index import DatasetIndex, read_index
from ravetui.engine.model.receptive_field import valid_margins
from ravetui.engine.plan import make_plan
from ravetui.engine.presets import PRESETS, find_preset
from ravetui.engine.shape import check_crop
from ravetui.errors import ConfigError, DataError
from ravetui.runs.events import read_events
from ravetui.runs.training_spec import AugmentSpec
from tests.workspaces import SMALL, small_run, small_workspace


@pytest.fixture
def index(tmp_path: Path) -> DatasetIndex:
    return read_index(small_workspace(tmp_path).dataset_path("tones"))


def test_epochs_become_steps_of_this_dataset(index: DatasetIndex) -> None:
    epochs = {"phase_1": "97 epochs", "total": "100.5 epochs", "validate_every": "2 epochs"}
    plan = make_plan(index, RunSettings(), {**SMALL, **epochs})
    assert plan.training.validate_every == 2 * plan.steps_per_epoch
    assert plan.steps_per_epoch == index.training_crops(8192) // 2
    assert plan.training.phase_1_steps == 97 * plan.steps_per_epoch
    assert plan.training.total_steps == round(100.5 * plan.steps_per_epoch)


def test_a_longer_phase_1_keeps_the_length_of_phase_2(index: DatasetIndex) -> None:
    typed = {key: value for key, value in SMALL.items() if key != "total"}
    preset = PRESETS["tiny"].training
    plan = make_plan(index, RunSettings(), {**typed, "phase_1": "5000 steps"})
    assert plan.training.total_steps - 5000 == preset.total_steps - preset.phase_1_steps


def test_another_batch_size_keeps_a_boundary_in_epochs(index: DatasetIndex) -> None:
    plan = make_plan(index, RunSettings(), {**SMALL, "batch_size": "4", "phase_1": "10 epochs"})
    assert plan.as_dict()["phase_1"]["epochs"] == 10


def test_a_step_of_several_ranks_takes_a_batch_of_each(index: DatasetIndex) -> None:
    crops = index.training_crops(8192)
    plan = make_plan(index, RunSettings(), {**SMALL, "batch_size": "2", "ranks": "3", "phase_1": "10 epochs"})
    assert plan.steps_per_epoch == crops // 6
    assert plan.training.phase_1_steps == 10 * (crops // 6)
    assert plan.as_dict()["ranks"] == 3
    with pytest.raises(DataError, match=f"a step needs {2 * crops}"):
        make_plan(index, RunSettings(), {**SMALL, "batch_size": "2", "ranks": str(crops)})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ranks": "0"}, "ranks = 0"),
        ({"batch_sise": "4"}, "batch_sise"),
        ({"batch_size": "four"}, "batch_size = 'four'"),
        ({"batch_size": "0"}, "batch_size = 0"),
        ({"validation_crops": "0"}, "validation_crops = 0"),
        ({"phase_1": "a while"}, "'a while' is not a duration"),
        ({"crop": "5000"}, "not a multiple of the hop length 1024"),
        ({"crop": "2048", "stft_scales": "512"}, "n_fft 512 needs more than 256"),
        ({"preset": "v9"}, "no preset 'v9'"),
        ({"sampling_rate": "48000"}, "no run has a setting 'sampling_rate'"),
        ({"n_band": "12"}, "n_band = 12 is not a power of two"),
        ({"kernel_size": "4"}, "kernel_size = 4 is even"),
        ({"capacity": "0"}, "capacity = 0"),
        ({"ratios": "4,0"}, r"ratios = \(4, 0\)"),
        ({"ratios": ""}, "ratios is empty"),
        ({"dilations": "1 0"}, r"dilations = \(\(1, 0\),\)"),
        ({"noise_bands": "1"}, "noise_bands = 1 makes no filter"),
        ({"causal": "maybe"}, "causal = 'maybe'"),
        ({"activation": "snake"}, "is for v2"),
        ({"activation": "relu"}, "neither leaky_relu nor snake"),
        ({"preset": "v2", "ratios": "4,1", "dilations": "1, 1"}, "at least 2 in v2"),
        ({"preset": "v2", "ratios": "4,2"}, "dilations has 4 tuples and ratios 2"),
        ({"preset": "tiny+noise"}, "modifier 'noise' is for v2, not for preset 'tiny'"),
        ({"preset": "brave+causal"}, "'brave' is 'causal' already"),
        ({"discriminator": "mean"}, "neither rave nor descript"),
        ({"discriminator": "descript"}, "descript needs one"),
        ({"discriminator_n_ffts": "512"}, "are for the discriminator descript"),
        ({"preset": "v3", "discriminator_n_ffts": "64"}, "each must be at least 128"),
        ({"preset": "v3+snake"}, "'v3' is 'snake' already"),
        ({"latent": "round"}, "latent = 'round' is none of"),
        ({"latent_noise": "4"}, "latent and latent_noise are for v2"),
        ({"preset": "v2", "latent_noise": "-1"}, "latent_noise = -1"),
        ({"preset": "v2+spherical+wasserstein"}, "has another latent already"),
        ({"preset": "v2+loud"}, "no modifier 'loud'"),
        ({"gain": "-1"}, r"augment.gain = -1, but it must be from 0 to 24 \(dB\)"),
        ({"augment.mute": "nan"}, r"augment.mute = nan, .* \(a probability\)"),
        ({"speed": "fast"}, "speed = 'fast' cannot be read"),
        ({"training.gain": "1"}, "no run has a setting 'training.gain'"),
        ({"latent": "discrete"}, "latent and latent_noise are for v2"),
        ({"preset": "discrete+spherical"}, "has another latent already"),
        ({"preset": "discrete", "quantizers": "0"}, "quantizers = 0 and codebook_size = 1024, but a discrete latent"),
        ({"preset": "discrete", "codebook_size": "1"}, "codebook_size = 1, but a discrete latent"),
        ({"preset": "v2", "codebook_size": "8"}, "for a discrete latent, and this one is normal"),
        ({"quantizers": "8"}, "for a discrete latent, and this one is normal"),
    ],
)
def test_what_cannot_be_is_refused_by_name(index: DatasetIndex, changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=f"(?i){sentence}"):
        make_plan(index, RunSettings(), {**SMALL, **changes})


def test_too_little_audio_is_said_before_training(index: DatasetIndex) -> None:
    with pytest.raises(DataError, match="a step needs 8"):
        make_plan(index, RunSettings(), {"preset": "v1"})


def test_validation_too_small_for_the_latents_analysis_is_a_warning_with_both_numbers(index: DatasetIndex) -> None:
    """A crop here is 8 latent frames of 1024 samples; what it asks for is enough, and one less is not."""
    held = index.validation_crops(8192)
    few = {**SMALL, "latent_size": str(8 * held), "validation_crops": str(held - 1)}
    (sentence,) = make_plan(index, RunSettings(), few).warnings
    assert f"{8 * (held - 1)} of the {8 * held} that" in sentence
    assert f"validation_crops to at least {held}." in sentence
    assert "prepare" not in sentence
    assert make_plan(index, RunSettings(), {**few, "validation_crops": str(held)}).warnings == ()

    more = {**SMALL, "latent_size": str(8 * held + 1), "validation_crops": "1000"}
    (sentence,) = make_plan(index, RunSettings(), more).warnings
    assert f"{8 * held} of the {8 * held + 1} that" in sentence
    assert "prepare about 1 s more for validation (validation_fraction)." in sentence


def test_what_a_plan_warns_of_is_among_the_events_of_the_run_and_of_its_forks(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    warned = {"latent_size": "512"}
    run = small_run(workspace, "small", **warned)
    created, event = read_events(run.events)
    assert (created.kind, event.kind) == ("created", "warned")
    assert "of the 512 that" in event.fields["reason"]


def test_tuples_and_dotted_names_can_be_typed(index: DatasetIndex) -> None:
    plan = make_plan(index, RunSettings(), {**SMALL, "model.ratios": "4,4,4", "dilations": "1 1, 3 1"})
    assert plan.model.ratios == (4, 4, 4)
    for key in ("gain", "augment.gain"):
        assert make_plan(index, RunSettings(), {**SMALL, key: "6"}).augment == AugmentSpec(gain=6.0)
    assert plan.model.dilations == ((1, 1), (3, 1))
    assert make_plan(index, RunSettings(), {**SMALL, "discriminator_periods": "2, 3"}).model.discriminator_periods == (
        2,
        3,
    )
    assert make_plan(index, RunSettings(), {**SMALL, "preset": "v1+causal"}).model.causal
    assert not make_plan(index, RunSettings(), {**SMALL, "preset": "brave", "causal": "False"}).model.causal


def test_a_crop_shorter_than_the_receptive_field_is_said_before_training(index: DatasetIndex) -> None:
    """And the crop it names instead is one that trains: enough is left for the longest STFT."""
    changes = {**SMALL, "preset": "v2-small", "ratios": "2,2", "dilations": "1 3, 1", "stft_scales": "512"}
    with pytest.raises(ConfigError, match="A crop of 4096 samples is shorter than the receptive field of ") as error:
        make_plan(index, RunSettings(), {**changes, "crop": "4096"})
    enough = int(re.findall(r"at least (\d+)", error.value.remedy)[0])
    plan = make_plan(index, RunSettings(), {**changes, "crop": str(enough)})
    left = enough // 16 - sum(valid_margins(plan.model))
    assert 256 < left < 256 + 2 * plan.model.hop_length // 16


def test_v2_refuses_the_crop_that_crashes_the_reference() -> None:
    model, loss = PRESETS["v2"].model, PRESETS["v2"].loss
    with pytest.raises(ConfigError, match="shorter than the receptive field"):
        check_crop(model, loss, 65536)
    check_crop(model, loss, 73728)


def test_modifiers_add_up_and_are_kept_in_the_name() -> None:
    preset = find_preset("v2+noise+causal")
    assert preset.name == "v2+noise+causal"
    assert preset.model.noise_bands == 5
    assert preset.model.causal
    assert dataclasses.replace(preset.model, noise_bands=0, causal=False) == PRESETS["v2"].model
