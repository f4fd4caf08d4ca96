"""Averages that begin anew: what they are at every point, block and column, against the plain recursion."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ravetui.runs.series.anew import LineBegunAnew
from ravetui.runs.series.values import Values


def plain(values: np.ndarray[tuple[int], np.dtype[np.float64]], decay: float) -> list[float]:
    """The definition, one value after the other."""
    state, count, found = 0.0, 0, []
    for value in values.tolist():
        if not np.isfinite(value):
            found.append(float("nan"))
            continue
        state, count = decay * state + (1 - decay) * value, count + 1
        found.append(state / (1 - decay**count))
    return found


@settings(max_examples=60)
@given(
    st.integers(0, 10**6),
    st.integers(1, 3000),
    st.lists(st.integers(0, 3200), max_size=4),
    st.sampled_from([0.6, 0.9, 0.99]),
    st.sampled_from([0.0, 0.2]),
)
def test_is_the_plain_average_of_each_part(seed: int, size: int, starts: list[int], decay: float, lost: float) -> None:
    random = np.random.default_rng(seed)
    values = random.normal(5, 1, size) + 60 * (np.arange(size) > size / 2)
    values[random.random(size) < lost] = np.nan
    line = LineBegunAnew(Values(values), decay, sorted(set(starts)))
    edges = sorted({0, size, *(start for start in starts if start < size)})
    expected = np.concatenate([plain(values[a:b], decay) for a, b in pairwise(edges)])
    assert line.array == pytest.approx(expected, rel=1e-12, nan_ok=True)
    whole = expected[: size // 64 * 64].reshape(-1, 64)
    if whole.size:
        with np.errstate(all="ignore"):
            assert line.extremes.low == pytest.approx(np.fmin.reduce(whole, axis=1), rel=1e-12, nan_ok=True)
            assert line.extremes.high == pytest.approx(np.fmax.reduce(whole, axis=1), rel=1e-12, nan_ok=True)
    assert line.at(size - 1) == pytest.approx(expected[-1], rel=1e-12, nan_ok=True)
