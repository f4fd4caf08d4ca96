import numpy as np
import pytest
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics import gram
from ravetui.metrics import kid as kid_module
from ravetui.metrics.kid import kid, kid_estimate

Floats = NDArray[np.float64]
Files = NDArray[np.int64]


def kernel(a: Floats, b: Floats) -> float:
    return float((1 + a @ b / np.linalg.norm(a) / np.linalg.norm(b)) ** 3)


def brute_force(x: Floats, y: Floats, files: Files, reference_files: Files) -> float:
    def within(z: Floats, of: Files) -> float:
        pairs = [(i, j) for i in range(len(z)) for j in range(len(z)) if of[i] != of[j]]
        return float(np.mean([kernel(z[i], z[j]) for i, j in pairs]))

    between = np.mean([kernel(a, b) for a in x for b in y])
    return within(x, files) + within(y, reference_files) - 2 * float(between)


@pytest.fixture
def sets() -> tuple[Floats, Floats]:
    random = np.random.default_rng(0)
    return random.standard_normal((23, 6)) + 1, random.standard_normal((31, 6)) * 2


@pytest.mark.parametrize("tile", [1, 7, 1000])
def test_equals_the_double_loop(sets: tuple[Floats, Floats], tile: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gram, "TILE", tile)
    x, y = sets
    assert kid(x, y) == pytest.approx(brute_force(x, y, np.arange(23), np.arange(31)), abs=1e-6)


@pytest.mark.parametrize("tile", [1, 7, 1000])
@pytest.mark.parametrize("blocks", [5, 256])
def test_pairs_of_one_file_are_left_out(
    sets: tuple[Floats, Floats], tile: int, blocks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gram, "TILE", tile)
    monkeypatch.setattr(kid_module, "BLOCKS", blocks)
    x, y = sets
    files, reference_files = np.random.default_rng(1).integers(0, 8, 23), np.arange(31) % 9
    value = kid_estimate(x, y, files, reference_files, seed=0).value
    assert value == pytest.approx(brute_force(x, y, files, reference_files), abs=1e-6)


def test_zero_on_average_for_equal_distributions() -> None:
    random = np.random.default_rng(0)
    values = [kid(*random.standard_normal((2, 60, 5))) for _ in range(200)]
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(200)
    assert min(values) < 0 < max(values)


def clustered(random: np.random.Generator, files: int) -> tuple[Floats, NDArray[np.int64]]:
    """Five windows a file that are much alike."""
    centres = random.standard_normal((files, 1, 8))
    windows = centres + 0.5 * random.standard_normal((files, 5, 8)) + np.eye(8)[0]
    return windows.reshape(-1, 8), np.repeat(np.arange(files), 5)


def test_windows_of_one_file_do_not_make_it_too_high() -> None:
    random = np.random.default_rng(2)
    naive, by_file = [], []
    for seed in range(100):
        (x, files), (y, reference_files) = clustered(random, 10), clustered(random, 10)
        naive.append(kid(x, y))
        by_file.append(kid_estimate(x, y, files, reference_files, seed).value)
    error = np.std(by_file) / 10
    assert abs(np.mean(by_file)) < 3 * error
    assert np.mean(naive) > 10 * error


def test_interval_covers_the_truth() -> None:
    """Truth 0 within one population; it may cover more often than it says, not less."""
    random = np.random.default_rng(3)
    covered = 0
    for seed in range(60):
        (x, files), (y, reference_files) = clustered(random, 20), clustered(random, 20)
        estimate = kid_estimate(x, y, files, reference_files, seed)
        covered += estimate.low <= 0 <= estimate.high
        assert estimate.low < estimate.value < estimate.high
    assert covered >= 54


def test_interval_leaves_zero_out_when_the_sets_differ() -> None:
    random = np.random.default_rng(4)
    (x, files), (y, reference_files) = clustered(random, 40), clustered(random, 40)
    estimate = kid_estimate(x + 2 * np.eye(8)[3], y, files, reference_files, seed=0)
    assert estimate.low > 0


def test_a_collapsed_set_is_seen_though_its_mean_is_right() -> None:
    """The kernel with the product over d is blind to this."""
    random = np.random.default_rng(5)
    y = random.standard_normal((400, 32)) + 3 * np.eye(32)[0]
    x = 3 * np.eye(32)[0] + 0.3 * random.standard_normal((400, 32))
    null = [kid(*(random.standard_normal((2, 400, 32)) + 3 * np.eye(32)[0])) for _ in range(10)]
    assert kid(x, y) > 20 * np.std(null)


def test_seeded_and_independent_of_the_order_of_windows(sets: tuple[Floats, Floats]) -> None:
    x, y = sets
    files, reference_files = np.arange(23) // 3, np.arange(31) // 4
    once = kid_estimate(x, y, files, reference_files, seed=1)
    assert kid_estimate(x, y, files, reference_files, seed=1) == once
    order = np.random.default_rng(0).permutation(23)
    assert kid_estimate(x[order], y, files[order], reference_files, seed=1).value == pytest.approx(once.value, abs=1e-6)


def test_what_cannot_be_scored_says_so(sets: tuple[Floats, Floats]) -> None:
    x, y = sets
    with pytest.raises(ScoreError, match="two windows"):
        kid(x[:1], y)
    with pytest.raises(ScoreError, match="at least 4 files"):
        kid_estimate(x, y, np.arange(23) % 3, np.arange(31), seed=0)
    with pytest.raises(ScoreError, match="zero"):
        kid(np.zeros((3, 6)), y)


def test_a_collapse_to_the_mean_is_found() -> None:
    """Directions squeezed towards their mean, which stays: more than 20 standard deviations of equal sets away."""
    random = np.random.default_rng(4)
    axes = np.exp(-np.arange(64) / 20)

    def drawn() -> Floats:
        z = random.standard_normal((500, 64)) * axes + 2 * np.eye(64)[0]
        return np.asarray(z / np.linalg.norm(z, axis=1, keepdims=True))

    null = np.array([kid(drawn(), drawn()) for _ in range(30)])
    reference, other = drawn(), drawn()
    for spread in (0.5, 0.01):
        collapsed = other.mean(axis=0) + spread * (other - other.mean(axis=0))
        assert (kid(collapsed, reference) - null.mean()) / null.std() > 20


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_many_windows_are_exact_to_a_millionth(kind: type) -> None:
    """More than 4096 windows are multiplied in float32, over several tiles and all cores."""
    random = np.random.default_rng(6)
    x, y = (random.standard_normal((2, 2300, 24)) + 0.4).astype(kind)
    x[:, 0] += kind(0.4)
    u, v = (z / np.linalg.norm(z, axis=1, keepdims=True) for z in (x.astype(np.float64), y.astype(np.float64)))
    n = len(u)
    within = [(((1 + z @ z.T) ** 3).sum() - 8 * n) / (n * (n - 1)) for z in (u, v)]
    expected = within[0] + within[1] - 2 * float(((1 + u @ v.T) ** 3).mean())
    assert kid(x, y) == pytest.approx(expected, rel=1e-6)
    assert kid(x, y) == kid(x, y)
