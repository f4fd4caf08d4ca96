"""Augmentation where the crops are made: same draws whatever else is switched on, same bits as ever without any."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ravetui.engine.data.augment.dequantise import STEP
from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.index import AUDIO
from ravetui.runs.training_spec import AugmentSpec

Build = Callable[..., Dataset]

EVERYTHING = AugmentSpec(phase_mangle=0.5, gain=6, mute=0.3, compress=0.5, speed=4, equalise=6)
ALONE = {name: getattr(EVERYTHING, name) for name in ("gain", "mute", "compress", "speed", "equalise")}
FIELD = {"phase_mangle": "pole", **{name: name for name in ALONE}}


def noisy(build: Build, train: list[int], channels: int = 1, rate: int = 44100) -> Dataset:
    """Deterministic noise of full scale."""
    dataset = build([*(("train", [frames]) for frames in train), ("validation", [9000])], channels, rate)
    size = (sum(train) + 9000) * channels
    (np.arange(size) * 7919 % 20011 - 10000).astype("<i2").tofile(dataset.folder / AUDIO)
    return Dataset(dataset.folder)


@pytest.mark.parametrize(
    ("channels", "checksum"),
    [
        (1, "30adbeb997c7fdc2522601baaceb9fd6fc6a85c642eb01e69e0d3b54c6e41d80"),
        (2, "a5682ccab8be717fb1f3b7b581b3d5f5949961a1818373294ad20352bbe57d08"),
    ],
)
def test_the_published_augmentation_gives_the_bits_it_always_gave(build: Build, channels: int, checksum: str) -> None:
    sampler = CropSampler(noisy(build, [30000, 9000], channels), 2048, 4, 11, AugmentSpec())
    digest = hashlib.sha256()
    for step in (0, 1, 2, 3, 50, 1000):
        digest.update(sampler.batch(step).tobytes())
    assert digest.hexdigest() == checksum


@pytest.mark.parametrize("name", ALONE)
def test_switching_one_on_changes_no_draw_of_another(build: Build, name: str) -> None:
    dataset = noisy(build, [30000, 9000])
    everything = CropSampler(dataset, 2048, 4, 11, EVERYTHING)
    without = CropSampler(dataset, 2048, 4, 11, replace(EVERYTHING, **{name: 0.0}))
    changed = 0
    for position in range(60):
        full, less = everything.cut(position), without.cut(position)
        differing = {
            field for field in FIELD.values() if getattr(full.alteration, field) != getattr(less.alteration, field)
        }
        assert differing <= {name}
        changed += bool(differing)
        if name != "speed":
            assert (full.start, full.frames) == (less.start, less.frames)
    assert changed > 5


def test_a_muted_crop_is_the_noise_of_dequantisation(build: Build) -> None:
    sampler = CropSampler(noisy(build, [30000]), 2048, 4, 0, AugmentSpec(mute=0.5))
    muted = 0
    for position in range(100):
        crop = sampler.item(position)
        if sampler.cut(position).alteration.mute:
            muted += 1
            assert crop.min() >= 0
            assert 0.99 * STEP < crop.max() <= STEP
        else:
            assert np.abs(crop).max() > 0.1
    assert muted == pytest.approx(50, abs=18)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
@given(
    st.lists(st.integers(600, 4000), min_size=1, max_size=4),
    st.integers(0, 2**40),
    st.floats(0, 12),
    st.integers(1, 2),
)
def test_any_crop_lies_in_its_segment_and_is_the_same_again(
    build: Build, train: list[int], position: int, semitones: float, channels: int
) -> None:
    spec = replace(EVERYTHING, speed=semitones)
    dataset = noisy(build, train, channels)
    first, second = (CropSampler(dataset, 600, 1, 5, spec) for _ in range(2))
    cut = first.cut(position)
    assert cut.start >= 0
    assert cut.start + cut.frames <= train[cut.segment]
    crop = first.item(position)
    assert crop.shape == (channels, 600)
    assert crop.dtype == np.float32
    assert np.isfinite(crop).all()
    np.testing.assert_array_equal(crop, second.item(position))


def test_a_segment_of_one_crop_is_read_at_its_own_speed_or_slower(build: Build) -> None:
    sampler = CropSampler(noisy(build, [2048]), 2048, 1, 0, AugmentSpec(speed=12))
    ratios = {cut.alteration.speed.ratio if cut.alteration.speed else 1.0 for cut in map(sampler.cut, range(50))}
    assert min(ratios) < 0.7
    assert max(ratios) == 1.0
