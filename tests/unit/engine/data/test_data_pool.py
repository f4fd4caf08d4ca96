import threading
from collections.abc import Callable

import pytest

from ravetui.engine.data.pool import over_files


def test_results_come_in_the_order_of_the_files() -> None:
    shares: list[float] = []
    assert over_files(lambda number, _on: number**2, [1] * 50, shares.append) == [n**2 for n in range(50)]
    assert shares[-1] == 1.0


def test_no_files_is_fine() -> None:
    assert over_files(lambda number, _on: number, [], lambda _share: None) == []


def test_progress_is_weighted_by_size() -> None:
    half = threading.Event()
    shares: list[float] = []

    def work(number: int, on_share: Callable[[float], None]) -> None:
        if number == 0:
            on_share(0.5)
            assert half.wait(30)

    def progress(share: float) -> None:
        shares.append(share)
        # The second file, a quarter of all, is done and the first one half.
        if share == pytest.approx(0.25 + 0.75 / 2):
            half.set()

    over_files(work, [3, 1], progress)
    assert shares[-1] == 1.0


def test_the_first_error_stops_the_others() -> None:
    started = threading.Event()

    def work(number: int, on_share: Callable[[float], None]) -> None:
        if number == 1:
            assert started.wait(30)
            raise ValueError("broken")
        started.set()
        while True:
            on_share(0.1)

    with pytest.raises(ValueError, match="broken"):
        over_files(work, [1, 1], lambda _share: None)
