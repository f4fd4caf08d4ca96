"""Dots, cells and layers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.app.chart.axis import Scale
from ravetui.app.chart.raster import Raster, Spans
from ravetui.app.chart.reduce import reduce_series
from ravetui.app.chart.trace import trace
from ravetui.runs.series.positions import Positions
from ravetui.runs.series.values import Values


def spans(*runs: tuple[int, int, int]) -> Spans:
    table = np.array(runs, dtype=np.intp).reshape(-1, 3)
    return Spans(table[:, 0], table[:, 1], table[:, 2])


@pytest.mark.parametrize(
    ("column", "row", "character"),
    [(0, 0, "⠁"), (0, 1, "⠂"), (0, 2, "⠄"), (0, 3, "⡀"), (1, 0, "⠈"), (1, 1, "⠐"), (1, 2, "⠠"), (1, 3, "⢀")],
)
def test_each_dot_has_its_place_in_the_cell(column: int, row: int, character: str) -> None:
    raster = Raster(2, 2)
    raster.paint(0, spans((2 + column, 4 + row, 4 + row)))
    assert raster.characters().tolist() == [[" ", " "], [" ", character]]
    assert raster.inks().tolist() == [[-1, -1], [-1, 0]]


def test_a_full_cell() -> None:
    raster = Raster(1, 1)
    raster.paint(3, spans((0, 0, 3), (1, 0, 3)))
    assert raster.characters().tolist() == [["⣿"]]


def test_filler_gives_way_to_a_line_and_extremes_do_not() -> None:
    raster = Raster(1, 2)
    raster.paint(0, spans((0, 0, 0), (0, 7, 7)), filler=spans((0, 0, 7), (1, 0, 7)))
    raster.paint(1, spans((0, 5, 5)))
    assert raster.characters().tolist() == [["⣿"], ["⡂"]]
    assert raster.inks().tolist() == [[0], [1]]


def test_the_last_layer_gives_a_shared_cell_its_colour() -> None:
    raster = Raster(1, 1)
    raster.paint(0, spans((0, 0, 0)))
    raster.paint(1, spans((1, 3, 3)))
    assert raster.characters().tolist() == [["⢁"]]
    assert raster.inks().tolist() == [[1]]


def lines_of(y: list[float], width: int, height: int) -> list[list[int]]:
    """The rows of dots in each column of a curve drawn from end to end."""
    x = np.linspace(0, 1, len(y))
    reduction = reduce_series(Positions(x), Values(np.array(y)).line(), (0.0, 1.0), width)
    drawn = trace(reduction, Scale(0.0, 1.0, log=False), width, height)
    raster = Raster(width // 2, height // 4)
    raster.paint(0, drawn.joins + drawn.values)
    return [np.flatnonzero(column).tolist() for column in raster.dots().T]


def test_a_diagonal_has_one_dot_a_column() -> None:
    assert lines_of([1.0, 0.0], 8, 8) == [[row] for row in range(8)]
    assert lines_of([0.0, 1.0], 8, 8) == [[row] for row in reversed(range(8))]


def test_a_level_line_has_one_dot_a_column() -> None:
    assert lines_of([0.5, 0.5], 6, 4) == [[2]] * 6


unit = st.floats(0, 1)


@given(st.lists(unit, min_size=2, max_size=40))
def test_a_line_without_gaps_is_connected(y: list[float]) -> None:
    columns = lines_of(y, 20, 16)
    for rows in columns:
        assert rows == list(range(rows[0], rows[-1] + 1))
    for left, right in pairwise(columns):
        assert left[0] <= right[-1] + 1
        assert right[0] <= left[-1] + 1


@given(st.lists(unit, min_size=1, max_size=10), st.lists(unit, min_size=1, max_size=10))
def test_no_line_crosses_a_gap(before: list[float], after: list[float]) -> None:
    y = [*before, *[float("nan")] * 20, *after]
    columns = lines_of(y, 60, 16)
    gap = slice(len(before) * 60 // (len(y) - 1) + 1, (len(before) + 18) * 60 // (len(y) - 1))
    assert columns[gap]
    assert not any(columns[gap])
