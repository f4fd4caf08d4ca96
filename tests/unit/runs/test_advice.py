"""Advice from curves whose truth is known."""

import dataclasses
import re
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
        validation_step=100 * np.arange(1, count + 1),
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


@pytest.mark.parametrize(
    ("perplexity", "size", "collapsed"), [(9.5, 1024, True), (30.0, 1024, False), (2.5, 16, False)]
)
def test_a_codebook_that_says_next_to_nothing_has_collapsed(perplexity: float, size: int, collapsed: bool) -> None:
    falling = 3 + 4 * np.exp(-np.arange(5.0) / 40)
    text = said(evidence(falling, codebook_size=size, codebook_usage=0.03, codebook_perplexity=perplexity))
    assert (f"no more than {perplexity} of its {size} codes would, and has 3 % of them in use: collapse" in text) == (
        collapsed
    )


def test_codebooks_are_no_matter_before_they_are_counted_or_without_any() -> None:
    falling = 3 + 4 * np.exp(-np.arange(5.0) / 40)
    assert said(evidence(falling, codebook_size=1024)) == ""
    assert said(evidence(falling, codebook_usage=0.0, codebook_perplexity=1.0)) == ""


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


def test_the_plateau_is_said_with_its_slope_as_exact_as_its_interval() -> None:
    found = said(evidence(noisy(np.full(41, 4.0), 3, 0.005), 4 - 0.02 * np.arange(41.0)))
    number = r"(\d+(?:\.\d+)?)"
    match = re.fullmatch(
        rf"validation flat for 39 epochs \(slope [−+]{number} % ± {number} % per epoch\), training still falling: "
        "phase 1 has little left, p goes adversarial from here",
        found,
    )
    assert match is not None, found
    slope, half = match.groups()
    assert len(slope) == len(half) and 0 < float(half) < 0.1


def test_overfitting_names_the_best_checkpoint() -> None:
    epoch = np.arange(1.0, 61.0)
    validation = np.where(epoch < 30, 5 - 0.03 * epoch, 4.1 + 0.01 * (epoch - 30))
    found = evidence(noisy(validation, 1, 0.001), 5 - 0.05 * epoch)
    best = int(np.argmin(found.validation)) + 1
    text = said(found)
    assert text == (
        f"validation rising {text.split()[2]} % since epoch {best} while training falls: overfitting; "
        f"checkpoint {best // 10} {best % 10}00 is best"
    )
    assert 5 <= int(text.split()[2]) <= 8


def wandering(seed: int, count: int, size: float, share: float) -> Curve:
    """A level with noise of which each value is to a share like the one before it."""
    values = np.random.default_rng(seed).normal(size=count)
    for index in range(1, count):
        values[index] = share * values[index - 1] + np.sqrt(1 - share**2) * values[index]
    return 4 * (1 + size * values)


@pytest.mark.parametrize("size", [0.003, 0.01, 0.03])
@pytest.mark.parametrize(("share", "most"), [(0.0, 0.001), (0.5, 0.001), (0.8, 0.03)])
def test_flat_noise_is_not_called_rising(size: float, share: float, most: float) -> None:
    training = 4 - 0.005 * np.arange(160.0)
    looks, alarms = 0, 0
    for seed in range(30):
        validation = wandering(seed, 160, size, share)
        for seen in range(10, 161, 12):
            looks += 1
            alarms += "overfitting" in said(evidence(validation[:seen], training[:seen]))
    assert alarms <= most * looks


def test_a_real_rise_is_found_within_forty_validations() -> None:
    epoch = np.arange(140.0)
    for seed in range(20):
        truth = 1 + 0.5 * np.exp(-epoch / 25) + 0.003 * np.maximum(epoch - 100, 0)
        validation = truth * wandering(seed, 140, 0.005, 0.3)
        assert "overfitting" in said(evidence(validation, 4 - 0.005 * epoch))


@pytest.mark.parametrize(("count", "size"), [(30, 0.005), (60, 0.005), (100, 0.01)])
def test_a_slow_fall_is_not_called_flat_for_long(count: int, size: float) -> None:
    """6 % over what is seen: to call more than half of it flat would be false certainty."""
    epoch, wrong = np.arange(float(count)), 0
    for seed in range(100):
        validation = (1 - 0.06 * epoch / count) * wandering(seed, count, size, 0.0)
        text = said(evidence(validation, 4 - 0.01 * epoch))
        wrong += "flat" in text and float(text.split()[3]) > count / 2
    assert wrong <= 5


@pytest.mark.parametrize("count", range(10))
def test_a_short_run_is_told_nothing(count: int) -> None:
    assert said(evidence(np.linspace(4, 5, count), np.linspace(4, 3, count))) == ""
    assert said(evidence(np.full(count, 4.0), np.linspace(4, 3, count))) == ""


def test_phase_2_is_never_called_overfitting_or_flat() -> None:
    epoch = np.arange(60.0)
    for curve in (4 + 0.02 * epoch, np.full(60, 4.0)):
        assert said(evidence(curve, 4 - 0.02 * epoch, phase=2, phase_2_step=0, before=np.full(9, 4.0))) == ""


def test_a_rise_of_both_curves_is_no_overfitting() -> None:
    rising = 4 + 0.02 * np.arange(40.0)
    assert "overfitting" not in said(evidence(rising, rising))


def test_the_jump_at_the_transition_is_expected() -> None:
    after = evidence(np.full(5, 5.6), phase=2, phase_2_step=1000, before=np.full(20, 4.0))
    assert said(after) == "validation jumped 40 % at the transition: expected in phase 2, judge by ear and by FAD"
    assert said(evidence(np.full(25, 5.6), phase=2, phase_2_step=1000, before=np.full(20, 4.0))) == ""
    assert said(evidence(np.full(5, 4.1), phase=2, phase_2_step=1000, before=np.full(20, 4.0))) == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"planned_phase_2": 500, "step": 600}, "phase 2 should have begun at step 500"),
        ({"phase": 2, "discriminator_loss": 0.004}, "it has won"),
        ({"phase": 2, "discriminator_loss": 0.0}, "discriminator loss at 0 for 2 epochs: it has won"),
        ({"latent_dimensions": 8}, "8 of 128 dimensions"),
        ({"kl_active": 8}, "KL near 0 in 120 of 128 dimensions: collapse"),
    ],
)
def test_what_has_gone_wrong_comes_first(changes: dict[str, Any], words: str) -> None:
    found = advise(evidence(np.full(6, 4.0), **changes))
    assert found[0].urgent and words in found[0].text


@pytest.mark.parametrize(
    "changes",
    [
        {"planned_phase_2": 600, "step": 600},
        {"phase": 2, "discriminator_loss": 0.5},
        {"latent_dimensions": None},
        {"kl_active": 20, "latent_dimensions": 4},
        {"kl_active": 0, "phase": 2},
    ],
)
def test_what_has_not_is_not_said(changes: dict[str, Any]) -> None:
    assert said(evidence(np.full(6, 4.0), **changes)) == ""


def test_nothing_measured_gives_no_advice() -> None:
    assert advise(evidence(np.empty(0))) == ()
    assert advise(evidence(np.full(30, np.nan), np.full(30, np.nan))) == ()
