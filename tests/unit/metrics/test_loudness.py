"""Loudness without scipy, beside the recommendation's own value and beside the filters in the time domain."""

import numpy as np
import pytest

from ravetui.metrics.loudness import loudness
from ravetui.metrics.timbre.level import integrated_loudness


@pytest.mark.parametrize("rate", [44100, 48000])
def test_a_full_scale_sine_of_997_hz_is_minus_3_01(rate: int) -> None:
    tone = np.sin(2 * np.pi * 997 * np.arange(5 * rate) / rate)
    assert loudness(tone, rate) == pytest.approx(-3.01, abs=0.02)
    both = loudness(np.stack([tone, tone], axis=1), rate)
    assert both == pytest.approx(0.0, abs=0.02), "two channels have twice the power"


@pytest.mark.parametrize("rate", [22050, 44100, 48000])
def test_it_agrees_with_filters_in_the_time_domain(rate: int) -> None:
    generator = np.random.default_rng(7)
    loud = generator.normal(0, 0.1, 3 * rate)
    sound = np.concatenate([loud, 0.001 * loud, np.cumsum(loud) * 0.01])
    assert loudness(sound, rate) == pytest.approx(integrated_loudness(sound, rate), abs=0.01)


def test_a_short_clip_is_measured_and_silence_has_no_loudness() -> None:
    tone = 0.5 * np.sin(2 * np.pi * 997 * np.arange(4410) / 44100)
    assert loudness(tone, 44100) is not None
    assert loudness(np.zeros(44100), 44100) is None
