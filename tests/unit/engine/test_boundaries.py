"""What becomes of a run's boundaries in a fork whose batches are others."""

import dataclasses

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ravetui.engine.boundaries import Origin, moved, resolve
from ravetui.runs.spec import Lengths
from ravetui.runs.step_length import StepLength
from ravetui.runs.training_spec import TrainingSpec

CROPS, CROP_SECONDS = 17_600, 3.0
PRESET = TrainingSpec(phase_1_steps=1_000_000, total_steps=3_000_000, validate_every=10_000)
Run = tuple[TrainingSpec, Lengths, StepLength]

batches = st.integers(1, 64)
epochs = st.integers(2, 500)


def run_of(batch: int, **typed: str) -> Run:
    """A run that begins at step 0."""
    step = StepLength(CROPS // batch, batch * CROP_SECONDS)
    return *resolve(dataclasses.replace(PRESET, batch_size=batch), typed, step), step


def fork_of(run: Run, at: int, batch: int, phase: int = 1, **typed: str) -> Run:
    """A run that goes on from a checkpoint of another one."""
    training, lengths, counted = run
    step = counted.forked(at, CROPS // batch, batch * CROP_SECONDS)
    wanted = dataclasses.replace(training, batch_size=batch)
    return *resolve(wanted, typed, step, Origin(at, phase, lengths, counted)), step


def places(run: Run) -> tuple[int, int, int]:
    return run[0].phase_1_steps, run[0].total_steps, run[0].validate_every


def test_what_the_notes_ask() -> None:
    """97 epochs of 2200 steps, and the batch is doubled after 50 of them: the 47 that are left have 1100 steps each."""
    run = run_of(8, phase_1="97 epochs", total="300 epochs", validate_every="2 epochs")
    assert places(run) == (213_400, 660_000, 4400)
    fork = fork_of(run, 110_000, 16)
    assert places(fork) == (110_000 + 47 * 1100, 110_000 + 250 * 1100, 2200)
    assert fork[1] == run[1]
    assert (fork[2].epochs(110_000), fork[2].epochs(fork[0].phase_1_steps)) == (50.0, 97.0)
    assert fork[2].hours(fork[0].phase_1_steps) == pytest.approx(97 * 2200 * 8 * 3.0 / 3600)
    assert moved(run[0], fork[0], fork[1]) == [
        "phase 1 ends after step 161 700 instead of 213 400 (97 epochs)",
        "the run ends after step 385 000 instead of 660 000 (300 epochs)",
        "validation is every 2 200 instead of 4 400 (2 epochs)",
    ]


@given(first=batches, chain=st.lists(st.tuples(st.floats(0.01, 0.9), batches), max_size=4), one=epochs, two=epochs)
def test_epochs_stay_epochs_whatever_the_batches(
    first: int, chain: list[tuple[float, int]], one: int, two: int
) -> None:
    """But for half a step a fork by which a boundary is rounded to a whole one."""
    run = run_of(first, phase_1=f"{one} epochs", total=f"{one + two} epochs", validate_every="0.5 epochs")
    at = 0
    for share, batch in chain:
        at += max(round(share * (run[0].phase_1_steps - at)), 1)
        run = fork_of(run, at, batch)
        training, words, step = run
        half = 0.5 / step.per_epoch + 1e-9
        if at < training.phase_1_steps:
            assert step.epochs(training.phase_1_steps) == pytest.approx(one, abs=half)
        assert step.epochs(training.total_steps) == pytest.approx(one + two, abs=half)
        assert training.validate_every == round(0.5 * step.per_epoch)
        assert words == Lengths(f"{one} epochs", f"{one + two} epochs", "0.5 epochs")


@given(first=batches, second=batches, hours=st.integers(1, 900), share=st.floats(0.01, 0.99))
def test_audio_stays_audio(first: int, second: int, hours: int, share: float) -> None:
    run = run_of(
        first, phase_1=f"{hours} h of audio", total=f"{2 * hours} h of audio", validate_every="30 min of audio"
    )
    fork = fork_of(run, max(round(share * run[0].phase_1_steps), 1), second)
    half_a_step = second * CROP_SECONDS / 7200 + 1e-9
    assert fork[2].hours(fork[0].phase_1_steps) == pytest.approx(hours, abs=half_a_step)
    assert fork[2].hours(fork[0].total_steps) == pytest.approx(2 * hours, abs=half_a_step)
    assert fork[0].validate_every == round(1800 / (second * CROP_SECONDS))


@given(first=batches, second=batches, at=st.integers(1, 999_999), phase=st.sampled_from([1, 2]))
def test_steps_stay_steps(first: int, second: int, at: int, phase: int) -> None:
    """Typed, of the preset, or of a run made before the words were kept."""
    for typed in ({}, {"phase_1": "1000000", "total": "3_000_000 steps", "validate_every": "10 000"}):
        run = run_of(first, **typed)
        assert places(fork_of(run, at, second, phase)) == places(run)
        assert fork_of(run, at, second, phase)[1] == run[1]


@given(
    batch=batches,
    one=st.sampled_from(["97 epochs", "30.5 h of audio", "400000 steps", ""]),
    two=st.sampled_from(["1000 epochs", "900 h of audio", "4000000 steps", ""]),
    share=st.floats(0.01, 0.99),
)
def test_a_fork_with_the_same_batches_moves_nothing(batch: int, one: str, two: str, share: float) -> None:
    run = run_of(batch, phase_1=one, total=two)
    fork = fork_of(run, max(round(share * run[0].phase_1_steps), 1), batch)
    assert fork[:2] == run[:2]
    # And one with other batches can be undone by a fork of it.
    back = fork_of(fork_of(run, fork[2].since, batch + 1), fork[2].since, batch)
    assert places(back) == places(run)


@given(
    first=batches, second=batches, at=st.floats(0.0, 1.0), total=st.sampled_from(["", "600 epochs", "5000000 steps"])
)
def test_a_phase_1_that_is_over_stays_where_it_was(first: int, second: int, at: float, total: str) -> None:
    run = run_of(first, phase_1="97 epochs", total=total)
    begun = run[0].phase_1_steps
    step = begun + round(at * (run[0].total_steps - begun))
    assert fork_of(run, step, second, 2)[0].phase_1_steps == begun
    assert fork_of(run, step, second, 2, phase_1="97 epochs")[0].phase_1_steps == begun, "typing it again is no change"


@given(first=batches, second=batches, at=epochs, one=epochs)
def test_a_phase_1_that_is_reached_already_ends_at_once(first: int, second: int, at: int, one: int) -> None:
    assume(at < 500)
    run = run_of(first, phase_1="500 epochs", total="1000 epochs")
    fork = fork_of(run, at * run[2].per_epoch, second, phase_1=f"{one} epochs")
    assert fork[0].phase_1_steps == at * run[2].per_epoch + max(one - at, 0) * fork[2].per_epoch
    length = fork[2].epochs(fork[0].total_steps) - fork[2].epochs(fork[0].phase_1_steps)
    assert length == pytest.approx(500, abs=0.5 / fork[2].per_epoch + 1e-3), "phase 2 keeps its length"
    assert fork[1].total == f"{max(at, one) + 500} epochs"


@pytest.mark.parametrize(
    ("total", "end", "words"),
    [
        ("", 2_200_000, ""),
        ("3000000 steps", 2_200_000, "2200000 steps"),
        ("1500 epochs", 2_500_000, "1136.3636 epochs"),
    ],
)
def test_whoever_changes_phase_1_alone_keeps_a_phase_2_of_the_same_length(total: str, end: int, words: str) -> None:
    fork = fork_of(run_of(8, total=total), 1000, 8, phase_1="200000 steps")
    assert (fork[0].total_steps, fork[1].total) == (end, words)


def test_what_is_typed_in_a_fork_counts_from_the_beginning_too() -> None:
    run = run_of(8, phase_1="97 epochs")
    assert fork_of(run, 110_000, 16, total="120 epochs")[0].total_steps == 110_000 + 70 * 1100
