"""Which values the knobs of training can have: free of torch."""

import math
from collections.abc import Iterator
from typing import Any

from ravetui.errors import ConfigError
from ravetui.runs.training_spec import LossSpec, TrainingSpec

SCHEDULES = ("linear", "cosine", "exponential", "constant")

_COUNTS = (
    "batch_size",
    "ranks",
    "crop",
    "phase_1_steps",
    "total_steps",
    "discriminator_every",
    "validate_every",
    "validation_crops",
    "sample_clips",
)
_POSITIVE = ("learning_rate", "discriminator_learning_rate", "checkpoint_minutes", "sample_seconds", "log_epsilon")
_NOT_NEGATIVE = (
    "spectral",
    "beta",
    "beta_initial",
    "beta_warmup_steps",
    "feature_matching",
    "feature_matching_skipped",
    "adversarial",
    "r1",
    "weight_decay",
    "gradient_clip",
    "latent_jitter",
    "max_rollbacks",
)
_BELOW_1 = ("ema_decay", "latent_dropout")


def check_ranges(loss: LossSpec, training: TrainingSpec) -> None:
    """Refuse what a knob cannot be.

    Raises:
        ConfigError: Names the first setting that is out of its range.
    """
    for sentence in _faults({**vars(loss), **vars(training)}):
        raise ConfigError("Out of range", f"{sentence}.")


def _faults(value: dict[str, Any]) -> Iterator[str]:
    for name in (*_POSITIVE, *_NOT_NEGATIVE, *_BELOW_1, "final_learning_rate"):
        if not math.isfinite(value[name]):
            yield f"{name} = {value[name]}, but it must be a number"
    for name in _COUNTS:
        if value[name] < 1:
            yield f"{name} = {value[name]}, but it must be at least 1"
    for name in _POSITIVE:
        if value[name] <= 0:
            yield f"{name} = {value[name]}, but it must be more than 0"
    for name in _NOT_NEGATIVE:
        if value[name] < 0:
            yield f"{name} = {value[name]}, but it must be at least 0"
    for name in _BELOW_1:
        if not 0 <= value[name] < 1:
            yield f"{name} = {value[name]}, but it must be at least 0 and less than 1"
    if not all(0 <= decay < 1 for decay in value["adam_betas"]) or len(value["adam_betas"]) != 2:
        yield f"adam_betas = {value['adam_betas']}, but they must be two numbers of at least 0 and less than 1"
    if value["schedule"] not in SCHEDULES:
        yield f"schedule = {value['schedule']!r} is none of {', '.join(SCHEDULES)}"
    if not 0 <= value["final_learning_rate"] <= 1:
        yield f"final_learning_rate = {value['final_learning_rate']}, but it must be a share of learning_rate, 0 to 1"
    if value["schedule"] == "exponential" and value["final_learning_rate"] == 0:
        yield "final_learning_rate = 0, but an exponential schedule never comes to 0"
    if value["beta_warmup_steps"] and value["beta_initial"] == 0:
        yield "beta_initial = 0, but a warm-up raises its logarithm: it must be more than 0"
