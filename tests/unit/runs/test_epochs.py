"""How long epochs took, and why."""

import dataclasses

import numpy as np
import pytest

from ravetui.runs.epochs import COLUMNS, EpochSums, epoch_so_far, epoch_times, epochs_of, of_phase
from ravetui.runs.journal import Records, record_type
from ravetui.runs.progress import Progress, progress
from ravetui.runs.training_spec import TrainingSpec
from tests.unit.runs.test_runs_progress import SPEC, steps_of

PER_EPOCH = 100
TRAINING = TrainingSpec(phase_1_steps=2000, total_steps=3000, validate_every=50)
SMALL = dataclasses.replace(SPEC, training=TRAINING, data=dataclasses.replace(SPEC.data, steps_per_epoch=PER_EPOCH))


def times_of(records: Records, *resumed: int) -> list[float]:
    made = epochs_of(records, per_epoch=PER_EPOCH, cycle=50, resumed=resumed)
    return [round(value, 3) for value in made["epoch_seconds"].tolist()]


def test_an_epoch_lasts_from_the_last_step_before_it_to_its_own_last() -> None:
    records = steps_of((350, 1, 0.5))
    assert times_of(records) == [50.0, 50.0, 50.0], "the fourth is not over"
    records["time"] += 20.0 * ((records["step"] - 1) // 50)
    # The pause after step 50 and the one after step 100: the latter belongs to the next epoch.
    assert times_of(records) == [70.0, 90.0, 90.0]


@pytest.mark.parametrize("pause", [3.0, 7200.0])
def test_the_time_between_attempts_does_not_count(pause: float) -> None:
    records = steps_of((300, 1, 0.5))
    records["time"][130:] += pause
    assert times_of(records, 0, 130) == [50.0, 50.0, 50.0]


def test_a_night_asleep_does_not_count_and_a_clock_set_back_neither() -> None:
    records = steps_of((300, 1, 0.5))
    records["time"][130:] += 8 * 3600.0
    records["time"][230:] -= 3600.0
    assert times_of(records) == [50.0, 50.0, 50.0]


def test_an_epoch_whose_beginning_another_run_made_has_no_time() -> None:
    records = steps_of((300, 1, 0.5))
    records["step"] += 130
    made = epochs_of(records, per_epoch=PER_EPOCH, cycle=50)
    assert made["step"].tolist() == [300, 400]
    assert epoch_so_far(records[:20], begins=100, cycle=50) is None


def test_sums_over_two_attempts_are_those_of_one() -> None:
    records = steps_of((100, 1, 0.5))
    whole = epoch_so_far(records, begins=0, cycle=50)
    sums = epoch_so_far(records[:60], begins=0, cycle=50)
    assert sums is not None and whole is not None
    for _ in range(40):
        sums = sums.add(0.5, own=0.5)
    assert dataclasses.astuple(sums) == pytest.approx(dataclasses.astuple(whole))


def epochs(*rows: EpochSums) -> Records:
    values = [(PER_EPOCH * (n + 1), 1e9, *dataclasses.astuple(row), 0) for n, row in enumerate(rows)]
    return np.array(values, dtype=record_type(COLUMNS))


USUAL = EpochSums(50.0, 5.0, 1.0, 1.0, 0.6)


@pytest.mark.parametrize(
    ("slow", "cause"),
    [
        (EpochSums(90.0, 45.0, 1.0, 1.0, 0.6), "validation"),
        (EpochSums(90.0, 5.0, 41.0, 1.0, 0.6), "checkpoint"),
        (EpochSums(90.0, 5.0, 1.0, 40.0, 2.0), "waiting for data"),
        (EpochSums(90.0, 5.0, 1.0, 1.0, 38.0), "a stall"),
        (EpochSums(90.0, 5.0, 1.0, 1.0, 0.9), ""),
        (EpochSums(52.0, 7.0, 1.0, 1.0, 0.6), ""),
    ],
)
def test_the_slowest_epoch_is_named_with_its_cause_when_that_is_known(slow: EpochSums, cause: str) -> None:
    found = epoch_times(epochs(*[USUAL] * 10, slow, USUAL), PER_EPOCH)
    assert found is not None
    assert (found.count, found.median, found.slowest_epoch, found.slowest) == (12, 50.0, 11, slow.seconds)
    assert found.cause == cause


def test_the_distribution_is_that_of_a_phase() -> None:
    made = epochs(*[USUAL] * 3, *[EpochSums(400.0)] * 2)
    found = epoch_times(of_phase(made, PER_EPOCH, 250), PER_EPOCH)
    assert found is not None, "the epoch in which the phase changed is of neither"
    assert (found.count, found.median) == (2, 400.0)
    assert epoch_times(made[:0], PER_EPOCH) is None


def where(records: Records, at: int, resumed: tuple[int, ...] = ()) -> Progress:
    made = epochs_of(records[:at], per_epoch=PER_EPOCH, cycle=50, resumed=resumed)
    return progress(SMALL, records[:at], (), [item for item in resumed if item < at], made)


@pytest.fixture(scope="module")
def run() -> Records:
    """1900 steps of half a second with validations of 10 s, noisy by a twentieth."""
    rng = np.random.default_rng(1)
    records = steps_of((1900, 1, 0.5))
    records["step_seconds"] = 0.5 * np.exp(rng.normal(0, 0.05, 1900))
    records["time"] = 1e9 + np.cumsum(records["step_seconds"].astype(float)) + 10.0 * ((records["step"] - 1) // 50)
    return records


def test_the_clock_time_of_an_end_stays_put_and_the_end_comes_nearer(run: Records) -> None:
    ends, lefts = [], []
    for at in range(300, 1890, 3):
        found = where(run, at)
        assert found.phase_eta is not None and found.newest is not None
        assert 0 <= found.phase_eta.low <= found.phase_eta.seconds <= found.phase_eta.high
        ends.append(found.newest + found.phase_eta.seconds - 1e9)
        lefts.append(found.phase_eta.seconds)
    truth = 2000 * 0.5 + 40 * 10.0
    assert np.abs(np.array(ends) / truth - 1).max() < 0.02
    assert np.abs(np.diff(ends)).max() < 12.0, "a validation more or less is no jump"
    assert np.diff(lefts).max() < 6.0


def test_nothing_jumps_at_a_resume_nor_after_a_night_asleep(run: Records) -> None:
    before = where(run, 1000).phase_eta
    later = run.copy()
    later["time"][1000:] += 36_000.0
    for resumed in ((0, 1000), ()):
        for at in (1001, 1005, 1040):
            after = where(later, at, resumed=resumed).phase_eta
            assert before is not None and after is not None
            expected = before.seconds - 10.0 - (at - 1000) * 0.5
            assert after.seconds == pytest.approx(expected, abs=12.0)


def test_a_resume_on_a_machine_of_another_pace_leaves_the_old_one_behind(run: Records) -> None:
    faster = run.copy()
    faster["step_seconds"][1000:] /= 5
    faster["time"][1000:] = faster["time"][999] + 500 + np.cumsum(faster["step_seconds"][1000:].astype(float))
    found = where(faster, 1200, resumed=(0, 1000)).phase_eta
    assert found is not None
    assert found.seconds == pytest.approx(800 * 0.1, rel=0.5)


def test_waiting_for_a_step_is_credited_no_longer_than_the_step_takes(run: Records) -> None:
    found = where(run, 1010)
    assert found.newest is not None and found.phase_eta_s is not None
    assert found.left(found.phase_eta_s, found.newest + 0.2) == pytest.approx(found.phase_eta_s - 0.2)
    asleep = found.left(found.phase_eta_s, found.newest + 36_000.0)
    assert asleep == pytest.approx(found.phase_eta_s - 0.5, abs=0.1)
    assert found.left(None, found.newest) is None


@pytest.mark.parametrize("at", range(5))
def test_with_fewer_than_five_steps_nothing_is_guessed(run: Records, at: int) -> None:
    found = where(run, at)
    assert (found.phase_eta, found.eta, found.validation_eta, found.seconds_per_step) == (None,) * 4


def test_the_next_validation_comes_at_its_step(run: Records) -> None:
    found = where(run, 1030).validation_eta
    assert found is not None
    assert found.seconds == pytest.approx(20 * 0.5, rel=0.1)
    due = where(run, 1050).validation_eta
    assert due is not None
    assert due.seconds == pytest.approx(10.0 + 50 * 0.5, rel=0.1), "the one that is due comes first"
