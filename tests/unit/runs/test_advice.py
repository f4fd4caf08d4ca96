"""Advice from curves whose truth is known."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ravetui.runs.advice import advise
from ravetui.runs.evidence import Evidence

Curve = NDArray[np.float64]


def evidence(validation: Curve, training: Curve | None = None, **changes: Any) -> Evidence:
    """A run with a validation an epoch."""
    count = len(validation)
    base = Evidence(
        phase=1,
        step=100 * count,
        planned_phase_2=1_000_000,
        phase_2_step=None,
        steps_per_epoch=100,
        latent_size=128,
        validation_epoch=np.arange(1.0, count + 1),
        validation=validation,
        training=validation if training is None else training,
        before=np.empty(0),
        discriminator_loss=None,
        latent_dimensions=40,
    )
    return dataclasses.replace(base, **changes)


def noisy(curve: Curve, seed: int, share: float = 0.005) -> Curve:
    return curve * (1 + share * np.random.default_rng(seed).normal(size=len(curve)))


def said(found: Evidence) -> str:
    return " | ".join(item.text for item in advise(found))


@given(st.integers(0, 1000))
@settings(max_examples=50)
def test_a_curve_that_falls_is_not_called_flat_or_rising(seed: int) -> None:
    falling = 3 + 4 * np.exp(-np.arange(60.0) / 40)
    assert said(evidence(noisy(falling, seed), noisy(falling, seed + 1))) == ""


@given(st.integers(0, 1000))
@settings(max_examples=50)
def test_a_plateau_is_named_with_its_length_and_slope(seed: int) -> None:
    epoch = np.arange(100.0)
    validation = 3.9 + 2 * np.exp(-epoch / 6)
    training = 3.5 + 2 * np.exp(-epoch / 6) - 0.006 * epoch
    text = said(evidence(noisy(validation, seed, 0.002), noisy(training, seed + 1, 0.002)))
    if text:  # At most one in twenty intervals misses: a slope that chance gave is no plateau for that window.
        assert text.startswith("validation flat for ") and "± " in text and "training still falling" in text
        assert float(text.split()[3]) in (79.0, 39.0, 19.0, 9.0)


def test_most_plateaus_are_found() -> None:
    epoch = np.arange(100.0)
    validation, training = 3.9 + 2 * np.exp(-epoch / 6), 3.5 - 0.006 * epoch
    texts = [said(evidence(noisy(validation, seed, 0.002), noisy(training, seed + 1, 0.002))) for seed in range(100)]
    assert sum("flat" in text for text in texts) >= 95


def test_noise_too_large_to_tell_is_not_called_flat() -> None:
    level = noisy(np.full(12, 4.0), 3, 0.1)
    assert said(evidence(level, level)) == ""


def test_overfitting_names_the_best_checkpoint() -> None:
    epoch = np.arange(40.0)
    validation = np.where(epoch < 20, 5 - 0.05 * epoch, 4 + 0.02 * (epoch - 20))
    text = said(evidence(noisy(validation, 1, 0.001), 5 - 0.05 * epoch))
    assert "overfitting; step 2 " in text and "since epoch 2" in text and "flat" not in text


def test_a_rise_of_both_curves_is_no_overfitting() -> None:
    rising = 4 + 0.02 * np.arange(40.0)
    assert "overfitting" not in said(evidence(rising, rising))


def test_the_jump_at_the_transition_is_expected() -> None:
    after = evidence(np.full(5, 5.6), phase=2, phase_2_step=1000, before=np.full(20, 4.0))
    assert said(after) == "validation jumped 40 % at the transition: expected in phase 2; judge by ear and by FAD"
    assert said(evidence(np.full(25, 5.6), phase=2, phase_2_step=1000, before=np.full(20, 4.0))) == ""
    assert said(evidence(np.full(5, 4.1), phase=2, phase_2_step=1000, before=np.full(20, 4.0))) == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"planned_phase_2": 500, "step": 600}, "phase 2 should have begun at step 500"),
        ({"phase": 2, "discriminator_loss": 0.004}, "it has won"),
        ({"latent_dimensions": 8}, "8 of 128 dimensions"),
    ],
)
def test_what_has_gone_wrong_comes_first(changes: dict[str, Any], words: str) -> None:
    found = advise(evidence(np.full(6, 4.0), **changes))
    assert found[0].urgent and words in found[0].text


@pytest.mark.parametrize(
    "changes",
    [{"planned_phase_2": 600, "step": 600}, {"phase": 2, "discriminator_loss": 0.5}, {"latent_dimensions": None}],
)
def test_what_has_not_is_not_said(changes: dict[str, Any]) -> None:
    assert said(evidence(np.full(6, 4.0), **changes)) == ""


def test_nothing_measured_gives_no_advice() -> None:
    assert advise(evidence(np.empty(0))) == ()
    assert advise(evidence(np.full(30, np.nan), np.full(30, np.nan))) == ()
