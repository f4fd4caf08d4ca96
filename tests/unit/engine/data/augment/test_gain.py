import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.engine.data.augment.alter import alter
from ravetui.engine.data.augment.alteration import Alteration
from ravetui.engine.data.augment.gain import draw_gain


@given(st.floats(-24, 24))
def test_so_many_decibels_louder(gain: float) -> None:
    audio = np.random.default_rng(0).normal(0, 0.1, (2, 400)).astype(np.float32)
    found = alter(audio.copy(), 44100, Alteration(gain=gain), 400)
    assert 20 * np.log10(found.std() / audio.std()) == pytest.approx(gain, abs=1e-3)


def test_the_change_is_uniform_up_and_down() -> None:
    drawn = [draw_gain(np.random.default_rng(seed), 6.0) for seed in range(500)]
    assert min(drawn) == pytest.approx(-6, abs=0.1)
    assert max(drawn) == pytest.approx(6, abs=0.1)
    assert np.mean(drawn) == pytest.approx(0, abs=0.5)
