import dataclasses

import numpy as np
import pytest

from ravetui.runs.events import Event
from ravetui.runs.journal import Records, record_type
from ravetui.runs.model_spec import ModelSpec
from ravetui.runs.pace import seconds_per_step
from ravetui.runs.progress import Progress, Transition, progress, transitions
from ravetui.runs.spec import DataRef, RunSpec
from ravetui.runs.tables import TABLES
from ravetui.runs.training_spec import LossSpec, TrainingSpec

SPEC = RunSpec(
    "graz", "id", "now", "v1", ModelSpec(), LossSpec(),
    TrainingSpec(phase_1_steps=97 * 2200, total_steps=300 * 2200, validation_crops=0), DataRef("graz", "/", "", 2200),
)  # fmt: skip


def steps_of(*stretches: tuple[int, int, float], start: float = 1e9) -> Records:
    """Records of stretches of (how many steps, phase, seconds a step)."""
    records = np.zeros(sum(count for count, *_ in stretches), dtype=record_type(TABLES["steps"]))
    phase = np.repeat([number for _, number, _ in stretches], [count for count, *_ in stretches])
    seconds = np.repeat([pace for *_, pace in stretches], [count for count, *_ in stretches])
    records["step"] = np.arange(1, len(records) + 1)
    records["phase"], records["step_seconds"] = phase, seconds
    records["time"] = start + np.cumsum(seconds)
    return records


def where(records: Records, *changes: Transition, spec: RunSpec = SPEC) -> Progress:
    return progress(spec, records, changes)


def test_before_the_first_step_nothing_is_guessed() -> None:
    found = where(steps_of())
    assert (found.step, found.phase, found.epoch, found.fraction) == (0, 1, 0.0, 0.0)
    assert (found.seconds_per_step, found.epoch_seconds, found.phase_eta_s, found.eta_s) == (None,) * 4
    assert (found.phase_end_step, found.total_steps, found.epochs) == (213_400, 660_000, 300.0)


def test_in_phase_1_the_end_of_the_run_is_unknown() -> None:
    found = where(steps_of((2000, 1, 0.125)))
    assert found.seconds_per_step == pytest.approx(0.125)
    assert found.epoch_seconds == pytest.approx(275.0)
    assert found.phase_eta_s == pytest.approx((213_400 - 2000) * 0.125)
    assert found.eta_s is None, "nobody has seen the pace of phase 2"
    assert found.epoch == pytest.approx(2000 / 2200)


def test_in_phase_2_its_own_pace_counts() -> None:
    records = steps_of((1000, 1, 0.125), (600, 2, 0.5))
    found = where(records, Transition(2, 1000))
    assert (found.phase, found.phase_end_step) == (2, 660_000)
    assert found.seconds_per_step == pytest.approx(0.5)
    assert found.eta_s == found.phase_eta_s == pytest.approx((660_000 - 1600) * 0.5)


def test_phase_2_has_begun_before_its_first_step() -> None:
    found = where(steps_of((1000, 1, 0.125)), Transition(2, 1000))
    assert (found.phase, found.seconds_per_step, found.eta_s) == (2, None, None)


def test_a_run_without_phase_2_ends_with_phase_1() -> None:
    spec = dataclasses.replace(SPEC, training=TrainingSpec(phase_1_steps=10**6, total_steps=5000, validation_crops=0))
    found = where(steps_of((2000, 1, 0.1)), spec=spec)
    assert found.phase_end_step == 5000
    assert found.eta_s == found.phase_eta_s == pytest.approx(300.0)


def test_a_run_resumed_in_phase_1_after_phase_2_knows_both_paces() -> None:
    # An attempt fell back to a checkpoint of phase 1 and phase 2 was seen before: in one table both are.
    records = steps_of((300, 2, 0.5), (300, 1, 0.1))
    found = where(records)
    assert found.eta_s == pytest.approx((213_400 - 600) * 0.1 + (660_000 - 213_400) * 0.5)


@pytest.mark.parametrize("cycle", [7, 100, 500, 3000])
def test_pauses_for_validation_belong_to_the_pace_at_every_step_alike(cycle: int) -> None:
    records = steps_of((12_500, 1, 0.1))
    records["time"] += 90.0 * ((records["step"] - 1) // cycle)
    for last in (9000, 9001, 9002, 10_000, 10_500, 12_000, 12_001, 12_499):
        found = seconds_per_step(records[:last], 1, cycle=cycle)
        assert found == pytest.approx(0.1 + 90.0 / cycle, rel=1e-3)


def test_waiting_for_data_belongs_to_the_pace() -> None:
    records = steps_of((2000, 1, 0.5))
    records["step_seconds"], records["data_seconds"] = 0.1, 0.4
    assert where(records).seconds_per_step == pytest.approx(0.5)


def test_the_share_of_waiting_is_that_of_the_newest_steps_of_the_phase() -> None:
    records = steps_of((600, 1, 0.1), (10, 2, 0.1))
    assert where(records).data_share == 0
    records["step_seconds"][-10:], records["data_seconds"][-10:] = 0.3, 0.1
    assert where(records, Transition(2, 600)).data_share == pytest.approx(0.25)
    assert where(steps_of((4, 1, 0.1))).data_share is None
    assert where(steps_of((40, 1, 0.0))).data_share is None


@pytest.mark.parametrize("pause", [5.0, 300.0, 8 * 3600.0])
def test_the_time_between_two_attempts_does_not(pause: float) -> None:
    records = steps_of((600, 1, 0.1))
    records["time"][300:] += pause
    assert progress(SPEC, records, (), {0, 300}).seconds_per_step == pytest.approx(0.1)


@pytest.mark.parametrize("after", [300, 550])
def test_a_night_asleep_does_not(after: int) -> None:
    spec = dataclasses.replace(SPEC, training=TrainingSpec(validate_every=300))
    records = steps_of((600, 1, 0.1))
    records["time"][after:] += 8 * 3600.0
    assert where(records, spec=spec).seconds_per_step == pytest.approx(0.1)


def test_a_clock_that_was_set_back_does_not() -> None:
    records = steps_of((600, 1, 0.1))
    records["time"][300:] -= 3600.0
    assert where(records).seconds_per_step == pytest.approx(0.1)


def test_the_pace_is_of_the_newest_steps() -> None:
    assert where(steps_of((5000, 1, 1.0), (600, 1, 0.1))).seconds_per_step == pytest.approx(0.1)


def test_four_steps_are_too_few() -> None:
    assert where(steps_of((4, 1, 0.1))).seconds_per_step is None
    assert where(steps_of((5, 1, 0.1))).seconds_per_step == pytest.approx(0.1)


def test_a_finished_run_has_nothing_left() -> None:
    spec = dataclasses.replace(SPEC, training=TrainingSpec(phase_1_steps=100, total_steps=200))
    found = where(steps_of((100, 1, 0.1), (100, 2, 0.1)), Transition(2, 100), spec=spec)
    assert (found.fraction, found.eta_s, found.phase_eta_s) == (1.0, 0.0, 0.0)


def change(attempt: int, step: int, phase: int = 2) -> Event:
    return Event(1.0, "phase", attempt, {"phase": phase, "step": step})


def test_a_transition_counts_until_an_attempt_resumes_before_it() -> None:
    assert transitions([change(1, 1000)], {1: 0}) == (Transition(2, 1000),)
    assert transitions([change(1, 1000)], {1: 0, 2: 1000}) == (Transition(2, 1000),)
    assert transitions([change(1, 1000)], {1: 0, 2: 900}) == ()
    assert transitions([change(1, 1000), change(2, 950)], {1: 0, 2: 900}) == (Transition(2, 950),)
    assert transitions([change(1, 1000), Event(2.0, "saved", 1, {"step": 1000})], {1: 0}) == (Transition(2, 1000),)
