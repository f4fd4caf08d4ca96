import numpy as np
import pytest
from numpy.typing import NDArray

from ravetui.metrics.gram import stream
from ravetui.metrics.kernel_sums import KernelSums
from ravetui.metrics.kid import cubic
from ravetui.metrics.permutation import p_value
from ravetui.metrics.side import sides
from ravetui.metrics.witness import by_file, witness

Floats = NDArray[np.float64]


def sums_of(x: Floats, y: Floats, each: int = 1) -> KernelSums:
    first, second = sides(x, y, np.arange(len(x)) // each, np.arange(len(y)) // each, 256)
    sums = KernelSums(first, second, cubic)
    stream(first, second, [sums])
    return sums


def test_p_is_uniform_when_nothing_differs() -> None:
    random = np.random.default_rng(0)
    values = np.array(
        [p_value(sums_of(*(random.standard_normal((2, 30, 4)) + 1)), seed, permutations=199) for seed in range(200)]
    )
    for level in (0.1, 0.3, 0.5, 0.8):
        assert abs((values <= level).mean() - level) < 3.5 * np.sqrt(level * (1 - level) / 200)


def test_p_is_uniform_too_when_windows_of_a_file_are_alike() -> None:
    """Whole files change sides: permuted window by window, likeness would pass for a difference."""
    random = np.random.default_rng(1)

    def clustered() -> Floats:
        return np.repeat(random.standard_normal((12, 4)) + 1, 5, axis=0) + 0.05 * random.standard_normal((60, 4))

    values = np.array([p_value(sums_of(clustered(), clustered(), 5), seed, permutations=199) for seed in range(200)])
    assert (values <= 0.05).mean() < 0.05 + 3.5 * np.sqrt(0.05 * 0.95 / 200)


def test_p_is_small_for_a_shift_and_for_a_collapse() -> None:
    random = np.random.default_rng(2)
    y = random.standard_normal((60, 8)) + 1
    assert p_value(sums_of(random.standard_normal((60, 8)) + 1.6, y), 0) == pytest.approx(1 / 501)
    assert p_value(sums_of(0.05 * random.standard_normal((60, 8)) + y.mean(axis=0), y), 0) == pytest.approx(1 / 501)


def test_witness_means_add_up_to_the_distance() -> None:
    random = np.random.default_rng(3)
    sums = sums_of(random.standard_normal((30, 4)) + 1, random.standard_normal((40, 4)))
    seen = witness(sums)
    assert seen.windows.mean() + seen.reference_windows.mean() == pytest.approx(sums.value(), rel=1e-9)


def test_witness_finds_the_strange_clips_and_what_is_missing() -> None:
    random = np.random.default_rng(4)
    reference = random.standard_normal((60, 6)) * 0.3 + np.eye(6)[0]
    reference[:20] += 3 * np.eye(6)[1]
    x = random.standard_normal((60, 6)) * 0.3 + np.eye(6)[0]
    x[20:40] += 3 * np.eye(6)[2]
    seen = witness(sums_of(x, reference, each=2))
    assert set(list(by_file(seen.windows, np.arange(60) // 2))[:10]) == set(range(10, 20))
    assert set(list(by_file(seen.reference_windows, np.arange(60) // 2))[:10]) == set(range(10))
