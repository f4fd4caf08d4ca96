"""Lengths as a person types them, in steps of a dataset."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.config import RunSettings
from ravetui.engine.data.index import DatasetIndex, read_index
from ravetui.engine.duration import Duration, read_duration
from ravetui.engine.plan import make_plan
from ravetui.errors import ConfigError
from ravetui.runs.step_length import StepLength
from tests.workspaces import SMALL, small_workspace

STEP = StepLength(per_epoch=2200, seconds=12.0)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> DatasetIndex:
    root: Path = tmp_path_factory.mktemp("duration")
    return read_index(small_workspace(root).dataset_path("tones"))


@pytest.mark.parametrize(
    ("typed", "steps"),
    [
        ("213 400", 213_400),
        ("213_400 steps", 213_400),
        ("97 epochs", 213_400),
        ("0.5 epoch", 1100),
        ("30 h of audio", 9000),
        ("90 min of audio", 450),
        ("1.5 hours of audio", 450),
        ("60 seconds of audio", 5),
        ("24s of audio", 2),
    ],
)
def test_a_length_means_what_it_says(typed: str, steps: int) -> None:
    found = read_duration(typed)
    assert found is not None
    assert (found.length(STEP), found.place(STEP)) == (steps, steps)


def test_nothing_typed_is_no_length() -> None:
    assert read_duration(" ") is None


@given(number=st.floats(0, 1e5))
def test_what_was_computed_can_be_typed_again(number: float) -> None:
    for typed in (
        Duration(number, "epochs"),
        Duration(3600 * number, "audio"),
        Duration(float(round(number)), "steps"),
    ):
        again = read_duration(typed.typed())
        assert again is not None
        assert again.unit == typed.unit
        assert again.number == pytest.approx(typed.number, abs=0.2)


@pytest.mark.parametrize("typed", ["soon", "30 h", "30 of audio", "30 h audio", "-3 epochs", "3 days of audio"])
def test_what_is_no_length_is_refused_with_what_can_be_written(typed: str) -> None:
    with pytest.raises(ConfigError, match=r"is not a duration.*'30 h of audio'"):
        read_duration(typed)


@given(batch=st.integers(1, 4), ranks=st.integers(1, 2), epochs=st.integers(1, 500), minutes=st.integers(5, 5000))
def test_batch_size_and_ranks_change_no_boundary_in_epochs_or_audio(
    index: DatasetIndex, batch: int, ranks: int, epochs: int, minutes: int
) -> None:
    """But for the half step by which a boundary is rounded to a whole one."""
    typed = {
        "phase_1": f"{epochs} epochs",
        "total": f"{epochs + 1000} epochs",
        "validate_every": f"{minutes} min of audio",
    }
    plan = make_plan(index, RunSettings(), {**SMALL, **typed, "batch_size": str(batch), "ranks": str(ranks)})
    assert plan.steps_per_epoch == index.training_crops(8192) // (batch * ranks)
    said = plan.as_dict()
    assert said["phase_1"]["epochs"] == epochs
    heard_in_a_step = batch * ranks * 8192 / 44100
    assert said["validation"]["audio_h"] * 3600 == pytest.approx(minutes * 60, abs=heard_in_a_step / 2 + 1e-6)
    assert said["phase_1"]["audio_h"] * 3600 == pytest.approx(plan.training.phase_1_steps * heard_in_a_step)
    by_audio = make_plan(
        index,
        RunSettings(phase_1=f"{minutes} min of audio"),
        {**SMALL, "phase_1": f"{minutes} min of audio", "batch_size": str(batch), "ranks": str(ranks)},
    )
    assert by_audio.training.phase_1_steps == plan.training.validate_every
