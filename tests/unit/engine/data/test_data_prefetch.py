import threading
from collections.abc import Callable
from itertools import islice

import numpy as np
import pytest
from numpy.typing import NDArray

from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.prefetch import prefetch

Build = Callable[..., Dataset]


class Counting(CropSampler):
    """Counts the batches it has made and tells when there are ``enough``."""

    def __init__(self, dataset: Dataset) -> None:
        super().__init__(dataset, 100, 4, seed=3, phase_mangle=0.5)
        self.made = 0
        self.wanted = 0
        self.enough = threading.Event()

    def batch(self, step: int) -> NDArray[np.float32]:
        if self.made == self.wanted:
            self.enough.set()
        self.made += 1
        return super().batch(step)


@pytest.fixture
def sampler(build: Build) -> Counting:
    dataset = build([("train", [3000]), ("validation", [1000])])
    return Counting(dataset)


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "prefetch"]


@pytest.mark.parametrize("first", [0, 5, 123_456])
def test_batches_are_those_of_the_sampler_in_order(sampler: Counting, first: int) -> None:
    with prefetch(sampler, first) as batches:
        for expected, (step, batch) in enumerate(islice(batches, 20), first):
            assert step == expected
            np.testing.assert_array_equal(batch, sampler.batch(expected))
    assert not threads()


def test_it_is_at_most_depth_ahead(sampler: Counting) -> None:
    sampler.wanted = 5
    with prefetch(sampler, 0, depth=3) as batches:
        for _ in range(2):
            next(batches)
        # Two taken, three ready: the sixth is begun and waits.
        assert sampler.enough.wait(30)
    assert sampler.made == 6


def test_an_exception_in_the_thread_comes_out_after_the_good_batches(sampler: Counting) -> None:
    class Breaking(Counting):
        def batch(self, step: int) -> NDArray[np.float32]:
            if step == 2:
                raise OSError("the disk is gone")
            return super().batch(step)

    sampler.__class__ = Breaking
    with prefetch(sampler, 0) as batches:
        assert [next(batches)[0] for _ in range(2)] == [0, 1]
        for _ in range(2):
            with pytest.raises(OSError, match="the disk is gone"):
                next(batches)
    assert not threads()


def test_closing_ends_the_iteration_and_the_thread(sampler: Counting) -> None:
    batches = prefetch(sampler, 0)
    next(batches)
    batches.close()
    batches.close()
    assert not threads()
    with pytest.raises(StopIteration):
        next(batches)
