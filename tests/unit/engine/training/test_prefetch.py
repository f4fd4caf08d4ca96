"""The next batch is made beside the step: the same bits, each once, and nothing is left."""

import threading
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from numpy.typing import NDArray

from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.training.batches import Batches
from ravetui.engine.training.prefetch import Prefetch
from ravetui.errors import DataError
from ravetui.runs.training_spec import AugmentSpec
from tests.workspaces import small_workspace


@pytest.fixture
def sampler(tmp_path: Path) -> CropSampler:
    workspace = small_workspace(tmp_path / "ws")
    (folder,) = (path.parent for path in workspace.data.glob("*/index.json"))
    return CropSampler(Dataset(folder), 4096, 2, 7, AugmentSpec(phase_mangle=1, gain=6, compress=1))


@pytest.fixture
def ahead(sampler: CropSampler) -> Iterator[Prefetch]:
    source = Prefetch(sampler)
    yield source
    source.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("batch")]


def made(sampler: CropSampler, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """Which windows were made, and by whom, from now on."""
    seen: list[tuple[int, str]] = []
    batch = sampler.batch

    def told(step: int) -> NDArray[np.float32]:
        seen.append((step, threading.current_thread().name.partition("_")[0]))
        return batch(step)

    monkeypatch.setattr(sampler, "batch", told)
    return seen


def test_it_gives_the_samplers_batches_through_jumps_and_skips(ahead: Prefetch, sampler: CropSampler) -> None:
    batches = Batches(ahead, [2])
    steps = [0, 1, 2, 3, 1, 2, 9, 10]
    wanted = [sampler.batch(step + (step >= 2)) for step in steps]
    for step, batch in zip(steps, wanted, strict=True):
        np.testing.assert_array_equal(batches.take(step).numpy(), batch)
    batches.leave_out(12)
    np.testing.assert_array_equal(batches.take(11).numpy(), sampler.batch(13))


def test_the_next_one_is_made_once_and_not_by_the_loop(
    ahead: Prefetch, sampler: CropSampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = made(sampler, monkeypatch)
    for window in range(4):
        ahead.take(window, [window + 1])
    ahead.take(4, [])
    assert seen[0] == (0, "MainThread")
    assert seen[1:] == [(window, "batch") for window in range(1, 5)]


def test_it_is_made_while_the_step_before_computes(
    ahead: Prefetch, sampler: CropSampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready, batch = Event(), sampler.batch

    def told(step: int) -> NDArray[np.float32]:
        found = batch(step)
        if step == 1:
            ready.set()
        return found

    monkeypatch.setattr(sampler, "batch", told)
    ahead.take(0, [1])
    assert ready.wait(60), "nobody has asked for it yet"


def test_what_fails_in_the_thread_is_raised_where_its_batch_is_taken(
    ahead: Prefetch, sampler: CropSampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = sampler.batch

    def broken(step: int) -> NDArray[np.float32]:
        if step == 1:
            raise DataError("Damaged", "audio.i16 is too short.")
        return batch(step)

    monkeypatch.setattr(sampler, "batch", broken)
    ahead.take(0, [1])
    with pytest.raises(DataError, match=r"audio\.i16 is too short"):
        ahead.take(1, [2])
    np.testing.assert_array_equal(ahead.take(2, []), batch(2))
