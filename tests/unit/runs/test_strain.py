"""What will not last: of machines whose truth is known."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ravetui.runs.advice import _strain
from ravetui.runs.checkpoints import Checkpoint
from ravetui.runs.journal import Records, record_type
from ravetui.runs.progress import Progress, Transition
from ravetui.runs.strain import Strain, look_for_strain
from ravetui.runs.tables import TABLES

HOUR = 3600.0
GB = 1e9


def where(left: float | None, *transitions: Transition) -> Progress:
    return Progress(100, 1000, 1, 500, 1.0, 100, 1.0, None if left is None else left / 2, left, transitions)


def rows(seconds: float = 2 * HOUR, **columns: NDArray[np.float64] | float) -> Records:
    """A look every ten seconds; what is not given is NaN."""
    count = int(seconds / 10)
    made = np.zeros(count, dtype=record_type(TABLES["resources"]))
    for name in TABLES["resources"]:
        made[name] = np.nan
    made["step"], made["time"] = np.arange(count), 1e9 + 10.0 * np.arange(count)
    calm = {"memory_free_bytes": 8 * GB, "disk_free_bytes": 100 * GB, "memory_bytes": 4 * GB}
    for name, value in {**calm, **columns}.items():
        made[name] = value
    return made


def ramp(per_hour: float, start: float, noise: float = 0.02, seconds: float = 2 * HOUR, seed: int = 0) -> Any:
    time = np.arange(int(seconds / 10)) * 10.0
    return start + per_hour * time / HOUR + noise * GB * np.random.default_rng(seed).normal(size=time.size)


def said(found: Strain) -> str:
    return " | ".join(item.text for item in _strain(found))


def saved(size: float, step: int = 100) -> Checkpoint:
    return Checkpoint(step, 1, None, 0.0, 1, None, int(size), {}, {})  # type: ignore[arg-type]


def test_a_leak_that_fills_the_memory_before_the_end_is_told_with_its_rate() -> None:
    leaking = rows(memory_bytes=ramp(1.0 * GB, 4 * GB))
    found = look_for_strain(leaking, where(20 * HOUR))
    assert said(found).startswith("the run's memory grows by 986 MB an hour") and "8.0 GB are free" in said(found)
    assert found.memory_growth == pytest.approx(GB / HOUR, rel=0.05)
    assert all(item.urgent and item.passing for item in _strain(found))
    assert look_for_strain(leaking, where(4 * HOUR)).memory_growth is None
    assert look_for_strain(leaking, where(None)) == Strain()


@pytest.mark.parametrize("seed", range(100))
def test_neither_noise_nor_a_step_nor_warming_up_is_a_leak(seed: int) -> None:
    level = ramp(0, 4 * GB, noise=0.2, seed=seed)
    up = level + np.where(np.arange(720) > 300, 2 * GB, 0)
    warm = level + 3 * GB * (1 - np.exp(-np.arange(720) / 8))
    for curve in (level, up, warm):
        assert look_for_strain(rows(memory_bytes=curve), where(1000 * HOUR)).memory_growth is None


def test_nothing_is_said_of_a_few_minutes_or_of_the_attempt_and_phase_before() -> None:
    short = rows(0.4 * HOUR, memory_bytes=ramp(9 * GB, GB, seconds=0.4 * HOUR))
    assert look_for_strain(short, where(100 * HOUR)).memory_growth is None
    two = rows(memory_bytes=ramp(1.0 * GB, 4 * GB))
    two["time"][650:] += 1000
    assert look_for_strain(two, where(100 * HOUR)).memory_growth is None
    whole = rows(memory_bytes=ramp(1.0 * GB, 4 * GB))
    assert look_for_strain(whole, where(100 * HOUR, Transition(2, 700))).memory_growth is None


def test_a_disk_that_somebody_fills_is_told() -> None:
    filling = rows(disk_free_bytes=ramp(-10 * GB, 100 * GB))
    assert said(look_for_strain(filling, where(50 * HOUR))).startswith("the disk fills by 10 GB an hour and 80 GB are")
    saw = rows(disk_free_bytes=100 * GB - GB * (np.arange(720) % 60) / 60)
    assert look_for_strain(saw, where(5000 * HOUR)).disk_growth is None


def test_checkpoints_that_will_not_fit_are_told() -> None:
    full = rows(disk_free_bytes=2.5 * GB)
    text = said(look_for_strain(full, where(72 * HOUR), [saved(0.6 * GB)], keep_every_hours=12))
    assert text == (
        "2.5 GB free on the disk, and checkpoints of 600 MB to come (6 that stay for good and the newest) take 4.2 GB: "
        "a larger run.keep_every_hours keeps fewer"
    )
    assert said(look_for_strain(full, where(72 * HOUR), [saved(0.6 * GB)], keep_every_hours=0)) == ""
    assert "600 MB" not in said(look_for_strain(full, where(30 * HOUR), [saved(0.6 * GB)], keep_every_hours=24))


def test_a_gpu_that_waits_for_data_is_told() -> None:
    waiting = rows(600, gpu_percent=35.0, data_share=0.4)
    assert said(look_for_strain(waiting, where(HOUR))) == (
        "GPU at 35 % while 40 % of a step waits for data: more engine.workers, or engine.resident, feed it"
    )
    for busy, share in ((95.0, 0.4), (35.0, 0.02), (np.nan, 0.9)):
        assert said(look_for_strain(rows(600, gpu_percent=busy, data_share=share), where(HOUR))) == ""
    assert said(look_for_strain(rows(60, gpu_percent=35.0, data_share=0.4), where(HOUR))) == ""


def test_a_run_without_records_has_no_strain() -> None:
    assert look_for_strain(rows(0), where(HOUR)) == Strain()
