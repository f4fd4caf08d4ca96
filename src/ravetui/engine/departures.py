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
    changed = [item for old, new in pairs for item in differing(old, new).items()]
    return {name: pair for name, pair in changed if name not in _OF_EVERY_RUN}


def differing(old: Any, new: Any) -> dict[str, tuple[Any, Any]]:
    """Fields of two specs of the same kind that differ, each with its value in both."""
    pairs = {item.name: (getattr(old, item.name), getattr(new, item.name)) for item in dataclasses.fields(old)}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
