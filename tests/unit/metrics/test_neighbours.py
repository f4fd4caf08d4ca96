import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ravetui.metrics import gram
from ravetui.metrics.gram import stream
from ravetui.metrics.neighbours import Neighbourhoods, NeighbourSink
from ravetui.metrics.side import sides

Floats = NDArray[np.float64]
Files = NDArray[np.int64]


def found(x: Floats, y: Floats, files: Files, reference_files: Files, k: int) -> Neighbourhoods:
    first, second = sides(x, y, files, reference_files, 256)
    sink = NeighbourSink(first, second, k)
    stream(first, second, [sink])
    return sink.found()


def naeem(x: Floats, y: Floats, k: int) -> tuple[float, float, float, float]:
    """Precision, recall, density, coverage from whole distance matrices, as the paper's equations have them."""
    u, v = (z / np.linalg.norm(z, axis=1, keepdims=True) for z in (x, y))
    radius = [np.sort(np.linalg.norm(z[:, None] - z[None], axis=2), axis=1)[:, k] for z in (u, v)]
    distance = np.linalg.norm(u[:, None] - v[None], axis=2)
    return (
        float((distance < radius[1][None]).any(axis=1).mean()),
        float((distance < radius[0][:, None]).any(axis=0).mean()),
        float((distance < radius[1][None]).sum(axis=1).mean() / k),
        float((distance.min(axis=0) < radius[1]).mean()),
    )


@given(
    seed=st.integers(0, 10**6),
    sizes=st.tuples(st.integers(7, 60), st.integers(7, 60)),
    k=st.integers(1, 5),
    tile=st.sampled_from([3, 16, 1000]),
    shift=st.sampled_from([0.0, 0.7, 5.0]),
)
@settings(deadline=None, max_examples=60)
def test_equals_the_papers_equations(seed: int, sizes: tuple[int, int], k: int, tile: int, shift: float) -> None:
    random = np.random.default_rng(seed)
    x, y = random.standard_normal((sizes[0], 3)) + shift, random.standard_normal((sizes[1], 3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gram, "TILE", tile)
        seen = found(x, y, np.arange(sizes[0]), np.arange(sizes[1]), k)
    values = (seen.precise.mean(), seen.recalled.mean(), seen.dense.mean(), seen.covered.mean())
    assert values == pytest.approx(naeem(x, y, k), abs=1e-12)


def test_many_windows_equal_them_too() -> None:
    """More than one tile and float32."""
    random = np.random.default_rng(3)
    x, y = random.standard_normal((2100, 4)) + 0.5, random.standard_normal((2100, 4))
    seen = found(x, y, np.arange(2100), np.arange(2100), 5)
    values = (seen.precise.mean(), seen.recalled.mean(), seen.dense.mean(), seen.covered.mean())
    assert values == pytest.approx(naeem(x, y, 5), abs=2e-3)


def test_windows_of_the_same_file_are_no_neighbours() -> None:
    """Files of ten equal windows each: without the rule every ball would be a point."""
    random = np.random.default_rng(0)
    centres = random.standard_normal((30, 4))
    x = np.repeat(centres, 10, axis=0)
    files = np.repeat(np.arange(30), 10)
    seen = found(x, centres[random.permutation(30)], files, np.arange(30), 5)
    u = centres / np.linalg.norm(centres, axis=1, keepdims=True)
    cosines = u @ u.T
    np.fill_diagonal(cosines, -np.inf)
    assert seen.nearest[0] == pytest.approx(np.repeat(cosines.max(axis=1), 10))
    assert seen.recalled.all()


def test_rows_come_back_in_the_order_of_the_set() -> None:
    """A far window is imprecise wherever it stands, however its file was dealt into blocks."""
    random = np.random.default_rng(1)
    x = random.standard_normal((40, 3)) * 0.1 + np.array([1.0, 0, 0])
    x[23] = (-1.0, 0, 0)
    seen = found(
        x, random.standard_normal((50, 3)) * 0.1 + np.array([1.0, 0, 0]), np.arange(40)[::-1] // 3, np.arange(50), 5
    )
    assert np.flatnonzero(seen.precise == 0).tolist() == [23]
