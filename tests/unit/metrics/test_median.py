import statistics

from hypothesis import given
from hypothesis import strategies as st

from ravetui.metrics.median import median


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_is_the_median(values: list[float]) -> None:
    assert median(values) == statistics.median(values)
