from threading import Barrier
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from ravetui.metrics.cores import in_turn, one_thread


def blas_threads() -> list[int]:
    np.ones((2, 2)) @ np.ones((2, 2))
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_results_come_in_the_order_of_the_parts() -> None:
    assert list(in_turn(lambda part: part * part, range(100))) == [part * part for part in range(100)]
    assert list(in_turn(abs, [])) == []


def test_parts_are_worked_on_side_by_side() -> None:
    with one_thread() as threads:
        meet = Barrier(threads)
        assert len(list(in_turn(lambda _: meet.wait(30), range(threads)))) == threads


def test_blas_has_one_thread_meanwhile_and_all_of_them_again_after_an_error() -> None:
    before = blas_threads()

    def fail(_part: Any) -> None:
        assert set(blas_threads()) == {1}
        raise ValueError("one")

    with pytest.raises(ValueError, match="one"):
        list(in_turn(fail, range(9)))
    assert blas_threads() == before
    with one_thread(), one_thread():
        assert set(blas_threads()) == {1}
    assert blas_threads() == before
