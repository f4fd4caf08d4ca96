import numpy as np
import pytest
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.compat import drumgan_mmd, kid_compat

Floats = NDArray[np.float64]


def test_kid_compat_follows_the_published_recipe() -> None:
    """Subsets from RandomState(2020), first set first; the polynomial kernel with 1/d; mean over 100 subsets."""
    random = np.random.default_rng(0)
    x, y = random.standard_normal((1500, 12)), random.standard_normal((1100, 12)) + 0.2
    state, values = np.random.RandomState(2020), []
    for _ in range(100):
        a = x[state.choice(1500, 1000, replace=False)]
        b = y[state.choice(1100, 1000, replace=False)]
        aa, bb, ab = ((p @ q.T / 12 + 1) ** 3 for p, q in ((a, a), (b, b), (a, b)))
        within = (aa.sum() - np.trace(aa) + bb.sum() - np.trace(bb)) / (1000 * 999)
        values.append(within - 2 * ab.mean())
    found = kid_compat(x, y)
    assert found.mean == pytest.approx(np.mean(values), rel=1e-9)
    assert found.std == pytest.approx(np.std(values), rel=1e-9)


def test_kid_compat_refuses_what_the_tool_refuses() -> None:
    with pytest.raises(ScoreError, match="subsets of 1000 windows, and a set has 999"):
        kid_compat(np.ones((999, 3)), np.ones((2000, 3)))


@pytest.mark.parametrize(("n", "bias"), [(100, 0.020202), (500, 0.004008)])
def test_drumgan_mmd_keeps_its_bias(n: int, bias: float) -> None:
    random = np.random.default_rng(1)
    x, y = random.standard_normal((2, n, 4))
    squares = [((a[:, None] - b[None]) ** 2).sum(axis=2) for a, b in ((x, x), (y, y), (x, y))]
    xx, yy, xy = (16 / (16 + square) for square in squares)
    unbiased = (xx.sum() - n + yy.sum() - n) / (n * (n - 1)) - 2 * xy.mean()
    assert drumgan_mmd(x, y).mean - unbiased == pytest.approx(bias, rel=1e-3)
