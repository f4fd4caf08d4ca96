import pickle
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.dataset import Dataset
from ravetui.errors import DataError
from ravetui.runs.training_spec import AugmentSpec

Build = Callable[..., Dataset]

shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
lengths = st.lists(st.integers(10, 700), min_size=1, max_size=6)
seeds = st.integers(-(2**70), 2**70)


def dataset_of(build: Build, train: list[int], channels: int = 1) -> Dataset:
    return build([*(("train", [frames]) for frames in train), ("validation", [1000])], channels)


def sampler_of(
    build: Build, train: list[int], *, crop: int = 64, batch: int = 3, seed: int = 0, mangle: float = 0.0
) -> CropSampler:
    return CropSampler(dataset_of(build, [2000, *train]), crop, batch, seed, AugmentSpec(mangle))


def test_a_crop_is_the_audio_of_its_place(build: Build) -> None:
    dataset = build([("train", [50, 50]), ("validation", [20])], channels=2)
    crop = dataset.crop(1, 5, 4)
    assert crop.dtype == np.float32
    assert crop.shape == (2, 4)
    first = (100 + 5) * 2
    np.testing.assert_array_equal(
        crop * 32768, [[first, first + 2, first + 4, first + 6], [*range(first + 1, first + 9, 2)]]
    )
    with pytest.raises(IndexError):
        dataset.crop(1, 18, 3)
    with pytest.raises(IndexError):
        dataset.crop(0, -1, 3)


@shared
@given(lengths, seeds, st.integers(0, 10**6), st.integers(1, 9), st.sampled_from([0.0, 0.5, 1.0]))
def test_a_batch_depends_on_nothing_but_seed_and_step(
    build: Build, train: list[int], seed: int, step: int, batch: int, mangle: float
) -> None:
    walked = sampler_of(build, train, batch=batch, seed=seed, mangle=mangle)
    for other in (step + 1, 0, step + walked.steps_per_epoch, step):
        found = walked.batch(other)
    fresh = sampler_of(build, train, batch=batch, seed=seed, mangle=mangle)
    np.testing.assert_array_equal(found, fresh.batch(step))
    assert found.shape == (batch, 1, 64)
    assert found.dtype == np.float32


@shared
@given(lengths, seeds, st.integers(0, 1000), st.integers(1, 9))
def test_every_window_is_visited_once_an_epoch(
    build: Build, train: list[int], seed: int, epoch: int, batch: int
) -> None:
    sampler = sampler_of(build, train, batch=batch, seed=seed)
    assert sampler.windows == sum(frames // 64 for frames in [2000, *train])
    assert sampler.steps_per_epoch == sampler.windows // batch
    length = sampler.steps_per_epoch * batch
    visited = Counter(sampler.window(position) for position in range(epoch * length, (epoch + 1) * length))
    assert set(visited.values()) == {1}
    assert visited.keys() <= set(range(sampler.windows))
    assert sampler.windows - len(visited) < batch


@shared
@given(lengths, seeds, st.integers(0, 200), st.integers(1, 3), st.integers(1, 3))
def test_ranks_together_draw_what_one_draws_with_a_larger_batch(
    build: Build, train: list[int], seed: int, step: int, batch: int, ranks: int
) -> None:
    dataset = dataset_of(build, [2000, *train])
    parts = [CropSampler(dataset, 64, batch, seed, AugmentSpec(0.5), ranks=ranks, rank=rank) for rank in range(ranks)]
    whole = CropSampler(dataset, 64, batch * ranks, seed, AugmentSpec(0.5))
    assert {part.steps_per_epoch for part in parts} == {whole.steps_per_epoch}
    # As loader workers get them.
    sent = [pickle.loads(pickle.dumps(part)) for part in parts]
    np.testing.assert_array_equal(np.concatenate([part.batch(step) for part in sent]), whole.batch(step))


@shared
@given(lengths, seeds, st.integers(0, 1000))
def test_a_crop_starts_in_the_stratum_of_its_window(build: Build, train: list[int], seed: int, epoch: int) -> None:
    sampler = sampler_of(build, train, batch=1, seed=seed)
    seen: dict[int, list[int]] = {}
    for position in range(epoch * sampler.windows, (epoch + 1) * sampler.windows):
        segment, start = sampler.place(position)
        seen.setdefault(segment, []).append(start)
    for segment, starts in seen.items():
        frames = [2000, *train][segment]
        count = frames // 64
        edges = [k * (frames - 64 + 1) // count for k in range(count + 1)]
        assert len(starts) == count
        for k, start in enumerate(sorted(starts)):
            assert edges[k] <= start < edges[k + 1]


def test_every_start_is_equally_likely(build: Build) -> None:
    sampler = CropSampler(dataset_of(build, [40]), 16, 1, 0, AugmentSpec(0.0))
    starts = Counter(sampler.place(position)[1] for position in range(20_000))
    assert starts.keys() == set(range(25))
    expected = 20_000 / 25
    # Chi-square with 24 degrees of freedom exceeds 51 once in a thousand.
    assert sum((count - expected) ** 2 / expected for count in starts.values()) < 51


def test_validation_audio_is_never_in_a_batch(build: Build) -> None:
    sampler = sampler_of(build, [500], batch=5)
    lowest_of_validation = 2500 / 32768
    assert max(sampler.batch(step).max() for step in range(20)) < lowest_of_validation


def test_seeds_and_epochs_differ(build: Build) -> None:
    first, second = sampler_of(build, [], seed=1), sampler_of(build, [], seed=2)
    epoch = first.steps_per_epoch * 3

    def order(sampler: CropSampler, start: int) -> list[int]:
        return [sampler.window(position) for position in range(start, start + epoch)]

    assert order(first, 0) != order(second, 0)
    assert order(first, 0) != order(first, epoch)
    assert not np.array_equal(first.batch(0), second.batch(0))


def test_without_mangling_a_batch_is_the_audio_and_half_a_step_of_noise(build: Build) -> None:
    sampler = sampler_of(build, [], batch=4, crop=500)
    dataset = sampler.dataset
    noise = []
    for step in range(3):
        batch = sampler.batch(step)
        for k in range(4):
            segment, start = sampler.place(step * 4 + k)
            noise.append(batch[k].astype(float) - dataset.crop(segment, start, 500))
    spread = np.stack(noise)
    assert spread.min() >= 0
    assert spread.max() <= 2**-16 + 1e-8
    assert spread.mean() == pytest.approx(2**-17, rel=0.05)
    assert spread.std() == pytest.approx(2**-16 / np.sqrt(12), rel=0.05)


@pytest.mark.parametrize("probability", [0.0, 0.3, 1.0])
def test_so_many_crops_are_mangled(build: Build, probability: float) -> None:
    sampler = sampler_of(build, [], batch=1, mangle=probability)
    mangled = 0
    for position in range(300):
        segment, start = sampler.place(position)
        difference = sampler.item(position) - sampler.dataset.crop(segment, start, 64)
        mangled += bool(np.abs(difference).max() > 2**-15)
    assert mangled / 300 == pytest.approx(probability, abs=0.08)


def test_all_channels_of_a_crop_belong_together(build: Build) -> None:
    sampler = CropSampler(dataset_of(build, [3000], channels=2), 100, 2, 0, AugmentSpec(0.0))
    batch = sampler.batch(0) * 32768
    assert batch.shape == (2, 2, 100)
    assert ((batch[:, 1] - batch[:, 0]).round() == 1).all()


def test_too_little_audio_is_an_error(build: Build) -> None:
    with pytest.raises(DataError, match="1 crop of"):
        CropSampler(dataset_of(build, [100]), 64, 2, 0, AugmentSpec(0.0))


def test_a_moved_dataset_gives_the_same_batches(build: Build, tmp_path: Path) -> None:
    dataset = dataset_of(build, [2000])
    expected = CropSampler(dataset, 64, 3, 7, AugmentSpec(0.5)).batch(11)
    dataset.folder.rename(tmp_path / "moved")
    np.testing.assert_array_equal(
        CropSampler(Dataset(tmp_path / "moved"), 64, 3, 7, AugmentSpec(0.5)).batch(11), expected
    )
