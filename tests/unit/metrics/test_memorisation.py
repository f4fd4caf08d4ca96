import numpy as np
import pytest

from ravetui.metrics.memorisation import duplicates, memorisation, nearest_distance


def test_nearest_distance_is_the_smallest_of_all() -> None:
    random = np.random.default_rng(0)
    x, others = random.standard_normal((1200, 4)), random.standard_normal((1300, 4))
    u, v = (z / np.linalg.norm(z, axis=1, keepdims=True) for z in (x, others))
    assert nearest_distance(x, others) == pytest.approx(1 - (u @ v.T).max(axis=1), abs=1e-12)


def test_unheard_audio_is_innocent_and_copies_are_found() -> None:
    random = np.random.default_rng(1)
    training, reference = random.standard_normal((400, 6)), random.standard_normal((400, 6))
    new = random.standard_normal((300, 6))
    innocent = memorisation(new, reference, training, np.arange(300), 0)
    assert innocent.copied.low < 0.05 < innocent.copied.high
    copies = new.copy()
    copies[:60] = training[:60] + 1e-3 * random.standard_normal((60, 6))
    copied = memorisation(copies, reference, training, np.arange(300), 0)
    assert copied.copied.value == pytest.approx(0.2 + 0.8 * innocent.copied.value, abs=0.03)
    assert (copied.nearest[:60] < copied.threshold).all()


def test_duplicates_are_what_is_much_nearer_than_reference_windows_are() -> None:
    reference_nearest = np.full(10, 0.8)
    assert duplicates(np.array([0.8, 0.97, 0.985, 1.0]), reference_nearest).tolist() == [0, 0, 1, 1]
