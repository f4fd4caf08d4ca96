import dataclasses

import pytest

from ravetui.engine.data.augment.limits import check_augment
from ravetui.errors import ConfigError
from ravetui.runs.training_spec import AugmentSpec


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(AugmentSpec)])
@pytest.mark.parametrize("value", [-0.1, 1000.0, float("nan"), float("inf")])
def test_what_makes_no_sense_is_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"augment.{name} = .* must be from 0 to"):
        check_augment(dataclasses.replace(AugmentSpec(), **{name: value}))


def test_the_published_defaults_pass() -> None:
    check_augment(AugmentSpec())
    assert AugmentSpec() == AugmentSpec(phase_mangle=0.8, gain=0, mute=0, compress=0, speed=0, equalise=0)
