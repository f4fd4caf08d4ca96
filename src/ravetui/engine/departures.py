"""In what a run differs from the preset it was made with: free of torch."""

import dataclasses
from typing import Any

from ravetui.engine.presets import find_preset
from ravetui.errors import ConfigError
from ravetui.runs.model_spec import ModelSpec
from ravetui.runs.training_spec import AugmentSpec, LossSpec, TrainingSpec

_OF_EVERY_RUN = ("sampling_rate", "channels", "seed", "phase_1_steps", "total_steps", "validate_every")
"""What comes from the dataset, the workspace or a typed length, and is said elsewhere."""


def departures(
    preset: str, model: ModelSpec, loss: LossSpec, training: TrainingSpec, augment: AugmentSpec
) -> dict[str, tuple[Any, Any]]:
    """Setting to its value in the preset and here; nothing where this version knows no such preset."""
    try:
        published = find_preset(preset)
    except ConfigError:
        return {}
    pairs = (
        (published.model, model),
        (published.loss, loss),
        (published.training, training),
        (published.augment, augment),
    )
    found: dict[str, tuple[Any, Any]] = {}
    for old, new in pairs:
        for item in dataclasses.fields(old):
            before, now = getattr(old, item.name), getattr(new, item.name)
            if before != now and item.name not in _OF_EVERY_RUN:
                found[item.name] = (before, now)
    return found
