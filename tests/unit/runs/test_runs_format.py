import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.runs.format import bytes_, duration, moment, quantity, round_duration, steps


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "unknown"),
        (math.nan, "unknown"),
        (math.inf, "unknown"),
        (0, "0.0 s"),
        (0.25, "0.2 s"),
        (9.96, "10 s"),
        (59.6, "1 min 00 s"),
        (292, "4 min 52 s"),
        (3599.6, "1 h 00 min"),
        (10_920, "3 h 02 min"),
        (86_399, "1 d 0 h"),
        (3 * 86_400 + 4 * 3600, "3 d 4 h"),
        (-292, "-4 min 52 s"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@given(st.floats(min_value=0, max_value=1e8))
def test_a_duration_reads_back_as_itself_to_its_smallest_unit(seconds: float) -> None:
    size = {"s": 1, "min": 60, "h": 3600, "d": 86400}
    words = duration(seconds).split()
    units = words[1::2]
    read = sum(float(number) * size[unit] for number, unit in zip(words[::2], units, strict=True))
    smallest = 0.1 if "." in words[0] else size[units[-1]]
    assert abs(read - seconds) <= smallest / 2 + 1e-6 * seconds
    assert all(float(number) < 60 for number, unit in zip(words[2::2], units[1:], strict=True) if unit in ("s", "min"))
    assert all(float(number) < 24 for number, unit in zip(words[2::2], units[1:], strict=True) if unit == "h")


@given(st.integers(min_value=0, max_value=10**12))
def test_steps_are_grouped_by_three_and_read_back(number: int) -> None:
    groups = steps(number).split(" ")
    assert int("".join(groups)) == number
    assert all(len(group) == 3 for group in groups[1:])


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9_999, "10 kB"), (999_999, "1.0 MB"), (204_000_000, "204 MB"),
     (3_100_000, "3.1 MB"), (5 * 10**12, "5.0 TB")],
)  # fmt: skip
def test_sizes(number: int, text: str) -> None:
    assert bytes_(number) == text


def test_quantities_have_four_digits_and_nothing_is_a_dash() -> None:
    assert [quantity(value) for value in (None, 3.91234, 1.2e-5, 0.0, 12345.6)] == [
        "–",
        "3.912",
        "1.2e-05",
        "0",
        "1.235e+04",
    ]


def test_moments_are_local_time() -> None:
    assert moment(time.mktime((2026, 11, 24, 3, 10, 0, 0, 0, -1))) == "2026-11-24 03:10"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(3.4, "3 s"), (47.0, "50 s"), (200.0, "3 min"), (1180.0, "20 min"), (10_600.0, "3 h"), (400_000.0, "5 d")],
)
def test_a_margin_has_one_unit_and_no_false_precision(seconds: float, said: str) -> None:
    assert round_duration(seconds) == said
