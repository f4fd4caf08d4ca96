"""Every knob has a range, said by its name before anything is made; and what differs from the preset is said too."""

from pathlib import Path

import pytest

from ravetui.config import RunSettings
from ravetui.engine.data.index import DatasetIndex, read_index
from ravetui.engine.plan import make_plan
from ravetui.engine.ranges import SCHEDULES
from ravetui.engine.training import rate
from ravetui.errors import ConfigError
from tests.workspaces import SMALL, small_workspace


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> DatasetIndex:
    root: Path = tmp_path_factory.mktemp("ranges")
    return read_index(small_workspace(root).dataset_path("tones"))


@pytest.mark.parametrize(
    ("knob", "wrong", "good"),
    [
        ("r1", "-1", "10"),
        ("discriminator_norm", "batch", "spectral"),
        ("weight_decay", "-0.1", "0.01"),
        ("weight_decay", "nan", "0.01"),
        ("gradient_clip", "-1", "1"),
        ("gradient_clip", "inf", "1"),
        ("ema_decay", "1", "0.9999"),
        ("ema_decay", "-0.1", "0"),
        ("latent_dropout", "1", "0.5"),
        ("latent_jitter", "-1", "0.3"),
        ("schedule", "steps", "cosine"),
        ("final_learning_rate", "1.5", "0"),
        ("learning_rate", "0", "1e-4"),
        ("adam_betas", "0.5, 1", "0.9, 0.99"),
        ("beta", "-1", "0"),
        ("ranks", "0", "2"),
        ("max_rollbacks", "-1", "0"),
        ("checkpoint_minutes", "0", "0.5"),
    ],
)
def test_what_a_knob_cannot_be_is_refused_by_its_name(index: DatasetIndex, knob: str, wrong: str, good: str) -> None:
    with pytest.raises(ConfigError, match=knob):
        make_plan(index, RunSettings(), {**SMALL, "batch_size": "1", knob: wrong})
    make_plan(index, RunSettings(), {**SMALL, "batch_size": "1", knob: good})


def test_an_exponential_schedule_cannot_come_to_0(index: DatasetIndex) -> None:
    with pytest.raises(ConfigError, match="final_learning_rate = 0, but an exponential"):
        make_plan(index, RunSettings(), {**SMALL, "schedule": "exponential", "final_learning_rate": "0"})


def test_every_schedule_that_is_accepted_exists() -> None:
    assert set(SCHEDULES) == set(rate.SCHEDULES)


def test_a_plan_says_what_differs_from_its_preset(index: DatasetIndex) -> None:
    plain = make_plan(index, RunSettings(preset="tiny", seed=3, phase_1="20 epochs"), {"batch_size": "4"})
    assert plain.departures == {}
    turned = make_plan(index, RunSettings(preset="tiny"), {"weight_decay": "0.1", "r1": "2", "freeze_encoder": "false"})
    assert turned.as_dict()["changed"] == {
        "r1": [0.0, 2.0],
        "weight_decay": [0.0, 0.1],
        "freeze_encoder": [True, False],
    }
