import numpy as np
import pytest
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics import gram
from ravetui.metrics.kad import kad, median_distance

Floats = NDArray[np.float64]


def unit(x: Floats) -> Floats:
    return np.asarray(x / np.linalg.norm(x, axis=1, keepdims=True))


def double_loop(x: Floats, y: Floats, bandwidth: float) -> float:
    """The U-statistic of exp(-|a - b|² / 2σ²), pair by pair."""

    def kernel(a: Floats, b: Floats) -> float:
        return float(np.exp(-((a - b) ** 2).sum() / (2 * bandwidth**2)))

    u, v = unit(x), unit(y)
    within = [np.mean([kernel(z[i], z[j]) for i in range(len(z)) for j in range(len(z)) if i != j]) for z in (u, v)]
    return float(sum(within) - 2 * np.mean([kernel(a, b) for a in u for b in v]))


@pytest.mark.parametrize("tile", [1, 7, 1000])
def test_equals_the_double_loop(tile: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gram, "TILE", tile)
    random = np.random.default_rng(0)
    x, y = random.standard_normal((17, 5)) + 1, random.standard_normal((23, 5))
    assert kad(x, y, 0.7) == pytest.approx(double_loop(x, y, 0.7), abs=1e-12)


def test_large_sets_in_single_precision_equal_it_too() -> None:
    """Above 4096 windows products are made in float32; the same rows again and again have the same distance."""
    random = np.random.default_rng(1)
    x, y = random.standard_normal((40, 8)) + 1, random.standard_normal((50, 8))
    many_x, many_y = np.tile(x, (60, 1)), np.tile(y, (60, 1))
    rows = np.arange(60)

    def v_statistic(a: Floats, b: Floats) -> float:
        squares = ((unit(a)[:, None] - unit(b)[None]) ** 2).sum(axis=2)
        return float(np.exp(-squares / 2).mean())

    n, m = len(many_x), len(many_y)
    expected = (n * v_statistic(x, x) - 1) / (n - 1) + (m * v_statistic(y, y) - 1) / (m - 1) - 2 * v_statistic(x, y)
    assert len(rows) * 90 > 4096
    assert kad(many_x, many_y, 1.0) == pytest.approx(expected, rel=1e-5)


def test_the_bandwidth_is_the_median_distance_of_the_reference() -> None:
    reference = np.random.default_rng(2).standard_normal((30, 4)) + 1
    u = unit(reference)
    distances = [np.linalg.norm(u[i] - u[j]) for i in range(30) for j in range(i)]
    assert median_distance(reference) == pytest.approx(float(np.median(distances)), rel=1e-9)


def test_a_reference_of_one_sound_has_no_bandwidth() -> None:
    with pytest.raises(ScoreError, match="all alike"):
        median_distance(np.ones((5, 3)))
