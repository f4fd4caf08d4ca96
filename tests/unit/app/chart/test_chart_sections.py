"""Phases on scales of their own: nothing hidden, nothing invented, and only where it is needed."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.app.chart.layout import Curve, Layout
from ravetui.app.chart.picture import Picture
from ravetui.app.chart.plot import Caption, Frame, draw
from ravetui.app.chart.sections import lay_out_phases
from ravetui.app.chart.series import ChartSeries, PhaseLine
from ravetui.app.chart.trace import dot_rows
from ravetui.runs.series.values import Values
from tests.braille import column_of, dots_of

PHASE = [PhaseLine(600.0, "phase 2")]
"""Begins after step 600, which is the last of phase 1."""


def jumping(before: float, after: float, *, steps: int = 1000, noise: float = 0.1) -> ChartSeries:
    x = np.arange(float(steps))
    y = np.where(x <= 600, before, after) * (1 + noise * np.random.default_rng(0).uniform(-1, 1, steps))
    return ChartSeries("loss", x, y, "loss-train")


def drawn(series: ChartSeries, columns: int, rows: int, *, log: bool = False) -> tuple[Picture, list[Layout]]:
    window = (float(series.x[0]), float(series.x[-1]))
    frame = Frame(window=window, log=log, split=True)
    picture = draw([Curve(series)], PHASE, Caption(), frame, columns=columns, rows=rows)
    layouts = lay_out_phases([Curve(series)], window, PHASE, columns=columns, top=1, rows=rows - 2, log=log)
    return picture, layouts


def text_of(picture: Picture) -> str:
    return "\n".join(picture.text(row) for row in range(picture.rows))


def test_a_sum_that_goes_from_five_to_sixty_flattens_neither_phase() -> None:
    picture, layouts = drawn(jumping(5, 60), 100, 16)
    one, two = layouts
    for layout in layouts:
        rows = np.flatnonzero(dots_of(picture, layout).any(axis=1))
        assert rows.max() - rows.min() >= layout.rows * 4 - 2, "each phase has the whole height"
    border = one.left + one.columns
    assert [picture.text(row)[border] for row in range(1, 16)] == ["║"] * 15
    assert "║ phases on scales of their own" in picture.text(0)
    left = [picture.text(row)[: one.left].strip() for row in range(1, 15)]
    right = [picture.text(row)[border + 1 : two.left].strip() for row in range(1, 15)]
    assert "5.0" in left and all(4.5 <= float(label) <= 5.5 for label in left if label)
    assert "60" in right and all(54 <= float(label) <= 66 for label in right if label)
    assert "0" in picture.text(15)[: one.left + 3] and "800" in picture.text(15)


def test_a_jump_of_forty_per_cent_is_seen_as_a_jump() -> None:
    picture, layouts = drawn(jumping(4.0, 5.6, noise=0.01), 100, 16)
    (whole,) = layouts
    dots = dots_of(picture, whole)
    before = np.flatnonzero(dots[:, column_of(300, whole)]).mean()
    after = np.flatnonzero(dots[:, column_of(800, whole)]).mean()
    assert before - after > whole.rows * 2
    assert "phase 2" in text_of(picture) and "║" not in text_of(picture)


@pytest.mark.parametrize(
    ("series", "columns", "log", "why"),
    [
        (jumping(5, 60), 20, False, "no room for two scales"),
        (jumping(5, 6), 100, False, "one scale shows both"),
        (jumping(5, 60, steps=500), 100, False, "phase 2 has not begun"),
        (jumping(5, 20), 100, True, "a logarithmic axis shows both"),
    ],
)
def test_one_scale_where_it_does(series: ChartSeries, columns: int, log: bool, why: str) -> None:
    _, layouts = drawn(series, columns, 14, log=log)
    assert len(layouts) == 1, why


@given(
    st.lists(st.floats(1, 9), min_size=20, max_size=200),
    st.lists(st.floats(100, 900), min_size=20, max_size=200),
    st.integers(34, 120),
    st.integers(6, 20),
    st.booleans(),
)
def test_every_value_has_its_dot_in_the_phase_it_belongs_to(
    first: list[float], second: list[float], columns: int, rows: int, log: bool
) -> None:
    y = np.array([*first, *second])
    border = len(first) - 1.0
    series = ChartSeries("loss", np.arange(float(y.size)), y, "loss-train")
    window = (0.0, y.size - 1.0)
    phases = [PhaseLine(border, "phase 2")]
    curve = Curve(series)
    picture = draw([curve], phases, Caption(), Frame(window, log=log, split=True), columns=columns, rows=rows)
    layouts = lay_out_phases([curve], window, phases, columns=columns, top=1, rows=rows - 2, log=log)
    assert sum(layout.gutter + layout.columns for layout in layouts) + len(layouts) - 1 == columns
    for before, after in pairwise(layouts):
        assert before.left + before.columns + 1 + after.gutter == after.left
        assert before.window[1] == border < after.window[0] <= border + 1e-6
    for x, value in enumerate(y.tolist()):
        layout = next(one for one in layouts if one.window[0] <= x <= one.window[1])
        assert layout.scale is not None
        row = int(dot_rows(np.array([value]), layout.scale, layout.rows * 4)[0])
        assert dots_of(picture, layout)[row, column_of(x, layout)] or layout.rows < 2


@given(st.integers(0, 300), st.integers(1, 300), st.sampled_from([0.0, 0.6, 0.9, 0.99]))
def test_smoothing_begins_anew_with_a_phase(before: int, after: int, smoothing: float) -> None:
    y = np.random.default_rng(before * 1000 + after).normal(5, 1, before + after)
    y[before:] += 60
    series = ChartSeries("loss", np.arange(1.0, y.size + 1), y, "loss-train")
    found = Curve(series, smoothing, (float(before), 1e9)).line().array
    for part in (slice(None, before), slice(before, None)):
        assert found[part] == pytest.approx(Values(y[part].copy()).line(smoothing).array, rel=1e-12)
    assert math.isclose(found[before], y[before])


def test_curves_that_differ_by_colour_alone_have_numbers_at_their_ends() -> None:
    x = np.arange(100.0)
    curves = [Curve(ChartSeries(name, x, np.full(100, level), "run-1")) for name, level in (("a", 1.0), ("b", 2.0))]
    picture = draw(curves, [], Caption(), Frame(window=(0.0, 120.0)), columns=60, rows=12)
    assert picture.text(0).startswith("1━ a  2━ b")
    ends = {line.rstrip()[-1]: row for row, line in enumerate(map(picture.text, range(1, 11))) if line.strip()}
    assert ends["2"] < ends["1"]
    dense = ChartSeries("validation", x, np.full(100, 2.0), "loss-validation", markers=True)
    few = ChartSeries("validation", x[::20], np.full(5, 2.0), "loss-validation", markers=True)
    frame = Frame(window=(0.0, 120.0))
    assert draw([curves[0], Curve(dense)], [], Caption(), frame, columns=60, rows=12).text(0).startswith("━ a  2• val")
    assert draw([curves[0], Curve(few)], [], Caption(), frame, columns=60, rows=12).text(0).startswith("━ a  • val")
    alone = draw(curves[:1], [], Caption(), columns=60, rows=12)
    assert alone.text(0).startswith("━ a")
