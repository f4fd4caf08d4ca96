"""What is drawn from blocks against a loop over all points: any length, any way of appending, any window."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ravetui.app.chart.reduce import Reduction, column_edges, reduce_series
from ravetui.runs.series.positions import Positions
from ravetui.runs.series.values import Column, Values

ODD = [np.nan, np.inf, -np.inf, 0.0, -1.0]
Floats = NDArray[np.float64]


@st.composite
def curves(draw: st.DrawFn) -> NDArray[np.float32]:
    """Noise of several blocks with odd values strewn in: single ones, and whole blocks of them."""
    count = draw(st.integers(1, 700))
    values = np.random.default_rng(draw(st.integers(0, 99))).normal(draw(st.sampled_from([0.0, 3.0])), 1.0, count)
    for place in draw(st.lists(st.integers(0, count - 1), max_size=8)):
        values[place] = draw(st.sampled_from([*ODD, 100.0]))
    if draw(st.booleans()):
        start = draw(st.integers(0, count - 1))
        values[start : start + draw(st.integers(1, 200))] = draw(st.sampled_from(ODD))
    return values.astype(np.float32)


def grown(values: NDArray[np.float32], cuts: list[int], decay: float) -> Values:
    """The same as a column that was appended to, and looked at, part by part."""
    column = Column()
    for start, end in zip([0, *cuts], [*cuts, values.size], strict=True):
        column.extend(values[start:end])
        column.values.prepare([decay])
    return column.values


def by_loop(values: Floats, decay: float) -> Floats:
    out, average, count = [], 0.0, 0
    for value in values.tolist():
        if not math.isfinite(value):
            out.append(math.nan)
            continue
        count += 1
        average = decay * average + (1.0 - decay) * value
        out.append(average / (1.0 - decay**count))
    return np.array(out)


def plain(x: Floats, y: Floats, window: tuple[float, float], columns: int, *, positive: bool) -> dict[str, list[float]]:
    """The extremes, ends and counts of each column, point by point."""
    edges = column_edges(window, columns)
    inside: dict[int, list[float]] = {}
    for at, value in zip(x.tolist(), y.tolist(), strict=True):
        if window[0] <= at <= window[1]:
            column = columns - 1 if at == window[1] else int(np.searchsorted(edges, at, side="right")) - 1
            inside.setdefault(column, []).append(value)
    found: dict[str, list[float]] = {name: [] for name in ("column", "low", "high", "first", "last", "odd", "below")}
    for column, values in sorted(inside.items()):
        drawable = [v if math.isfinite(v) and (v > 0.0 or not positive) else math.nan for v in values]
        numbers = [v for v in drawable if not math.isnan(v)]
        ends = (min(numbers, default=math.nan), max(numbers, default=math.nan), drawable[0], drawable[-1])
        odd = any(not math.isfinite(v) for v in values)
        below = positive and any(math.isfinite(v) and v <= 0.0 for v in values)
        for name, value in zip(found, (column, *ends, odd, below), strict=True):
            found[name].append(value)
    return found


def told(reduction: Reduction) -> dict[str, list[float]]:
    parts = (reduction.column, reduction.low, reduction.high, reduction.first, reduction.last)
    marks = (reduction.not_finite, reduction.not_positive)
    return dict(
        zip(
            ("column", "low", "high", "first", "last", "odd", "below"),
            (part.tolist() for part in (*parts, *marks)),
            strict=True,
        )
    )


@settings(max_examples=150)
@given(curves(), st.data(), st.sampled_from([0.0, 0.6, 0.99]), st.integers(1, 60), st.booleans())
def test_every_window_at_every_width_is_that_of_all_points(
    values: NDArray[np.float32], data: st.DataObject, decay: float, columns: int, positive: bool
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, values.size), max_size=4)))
    stride, per_epoch = data.draw(st.integers(1, 3)), data.draw(st.sampled_from([1.0, 7.0, 2200.0]))
    steps = np.cumsum(np.full(values.size, stride)).astype(np.int32)
    x = steps / per_epoch
    start = data.draw(st.floats(-5.0, float(x[-1]) + 5.0))
    window = (start, start + data.draw(st.floats(0.01, float(x[-1]) + 9.0)))
    line = grown(values, cuts, decay).line(decay)
    smooth = values.astype(np.float64) if decay == 0.0 else by_loop(values.astype(np.float64), decay)
    reduction = reduce_series(Positions(steps, unit=per_epoch), line, window, columns, positive=positive)
    expected = plain(x, smooth, window, columns, positive=positive)
    for name, found in told(reduction).items():
        if decay == 0.0 or name in ("column", "odd", "below"):
            np.testing.assert_array_equal(found, expected[name], err_msg=name)
        else:
            np.testing.assert_allclose(found, expected[name], rtol=1e-9, atol=1e-12, err_msg=name)


@given(curves(), st.data(), st.sampled_from([0.6, 0.9, 0.99]))
def test_it_does_not_matter_how_it_was_appended(values: NDArray[np.float32], data: st.DataObject, decay: float) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, values.size), max_size=5)))
    assert np.array_equal(
        grown(values, cuts, decay).line(decay).array, Values(values).line(decay).array, equal_nan=True
    )


@given(curves(), st.data())
def test_what_was_taken_back_leaves_no_trace_and_older_views_keep_it(
    values: NDArray[np.float32], data: st.DataObject
) -> None:
    column = Column()
    column.extend(values)
    before = column.values
    drawn = before.line(0.9).array
    kept = data.draw(st.integers(0, values.size))
    column.cut(kept)
    column.extend(np.full(70, 7.0, dtype=np.float32))
    after = np.concatenate((values[:kept], np.full(70, 7.0, dtype=np.float32)))
    assert np.array_equal(column.values.line(0.9).array, Values(after).line(0.9).array, equal_nan=True)
    assert np.array_equal(before.array, values, equal_nan=True)
    assert np.array_equal(before.line(0.9).array, drawn, equal_nan=True)
    assert not column.values.same_as(before) or np.array_equal(after, values, equal_nan=True)


@given(curves(), st.data())
def test_the_smallest_of_any_stretch_is_found(values: NDArray[np.float32], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, values.size))
    end = data.draw(st.integers(first, values.size))
    inside = [(value, index) for index, value in enumerate(values.tolist()) if first <= index < end]
    finite = [pair for pair in inside if math.isfinite(pair[0])]
    assert Values(values).smallest(first, end) == (min(finite)[1] if finite else None)


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=80),
    st.sampled_from([(0.0, 1.0), (0.0, 2200.0), (1.7e9, 3600.0)]),
    st.data(),
)
def test_places_are_searched_as_if_they_had_been_computed(
    gaps: list[int], axis: tuple[float, float], data: st.DataObject
) -> None:
    origin, unit = axis
    base = np.cumsum(gaps) / 4 + origin if origin else np.cumsum(gaps).astype(np.int32)
    places = Positions(base, origin=origin, unit=unit)
    x = np.asarray(places)
    near = st.sampled_from(x.tolist()).flatmap(
        lambda value: st.sampled_from([value, np.nextafter(value, np.inf), np.nextafter(value, -np.inf)])
    )
    wanted = np.array(data.draw(st.lists(near | st.floats(-1e3, 1e12), min_size=1, max_size=9)))
    for side in ("left", "right"):
        assert np.array_equal(places.search(wanted, side), np.searchsorted(x, wanted, side))
