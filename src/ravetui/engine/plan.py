"""What a run will be before it exists: steps per epoch, boundaries, sizes."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from ravetui.config import RunSettings
from ravetui.engine.boundaries import Origin, resolve
from ravetui.engine.data.augment.limits import check_augment
from ravetui.engine.data.enough import check_enough, latent_warnings
from ravetui.engine.data.index import DatasetIndex
from ravetui.engine.departures import departures
from ravetui.engine.presets import Preset, find_preset
from ravetui.engine.ranges import check_ranges
from ravetui.engine.shape import check_crop, check_shape
from ravetui.errors import ConfigError, DataError
from ravetui.runs.model_spec import ModelSpec
from ravetui.runs.spec import Lengths, freeze
from ravetui.runs.step_length import StepLength
from ravetui.runs.stop_rule import read_rules
from ravetui.runs.training_spec import AugmentSpec, LossSpec, TrainingSpec

_TRUTH = {"true": True, "false": False}
_DURATIONS = ("phase_1", "total", "validate_every")
"""Typed as epochs or steps of this dataset, or as audio."""


@dataclass(frozen=True)
class Plan:
    """A run's numbers, resolved against its dataset."""

    preset: str
    model: ModelSpec
    loss: LossSpec
    training: TrainingSpec
    augment: AugmentSpec
    training_crops: int
    step: StepLength
    lengths: Lengths
    """Its boundaries as they were typed."""
    warnings: tuple[str, ...] = ()
    """What will be lacking in a run that trains all the same, a sentence each."""

    @property
    def steps_per_epoch(self) -> int:
        """``floor(training crops / (batch_size * ranks))``."""
        return self.step.per_epoch

    @property
    def departures(self) -> dict[str, tuple[Any, Any]]:
        """Setting to its value in the preset and in the run, where they differ."""
        return departures(self.preset, self.model, self.loss, self.training, self.augment)

    def as_dict(self) -> dict[str, Any]:
        """The document of ``ravetui plan --json``."""
        training = self.training
        return {
            "preset": self.preset,
            "training_crops": self.training_crops,
            "steps_per_epoch": self.steps_per_epoch,
            "batch_size": training.batch_size,
            "ranks": training.ranks,
            "crop_s": training.crop / self.model.sampling_rate,
            "phase_1": self._place(training.phase_1_steps, self.lengths.phase_1),
            "total": self._place(training.total_steps, self.lengths.total),
            "validate_every": training.validate_every,
            "validation": self._length(training.validate_every),
            "stop_after": training.stop_after,
            "patience": training.patience,
            "plateau": training.plateau,
            "changed": {name: list(pair) for name, pair in self.departures.items()},
            "hop_length": self.model.hop_length,
            "latent_rate_hz": self.model.sampling_rate / self.model.hop_length,
            "warnings": list(self.warnings),
        }

    def _place(self, steps: int, typed: str) -> dict[str, Any]:
        """A step of the run, with all that is done by then."""
        return {"steps": steps, "epochs": self.step.epochs(steps), "audio_h": self.step.hours(steps), "typed": typed}

    def _length(self, steps: int) -> dict[str, Any]:
        hours, typed = steps * self.step.seconds / 3600, self.lengths.validate_every
        return {"steps": steps, "epochs": steps / self.step.per_epoch, "audio_h": hours, "typed": typed}


def make_plan(index: DatasetIndex, settings: RunSettings, changes: dict[str, str]) -> Plan:
    """Resolve a preset, the workspace's settings and typed changes against a dataset.

    Args:
        changes: Setting to value as typed: a field of the model, loss, training or augment spec, or ``phase_1``,
            ``total`` and ``validate_every`` as ``"97 epochs"``, ``"213400 steps"`` or ``"30 h of audio"``.

    Raises:
        ConfigError: A name or value is not known.
        DataError: The dataset has too little audio, or another rate or number of channels than the model.
    """
    preset = find_preset(changes.get("preset", settings.preset))
    base = dataclasses.replace(
        preset,
        model=dataclasses.replace(preset.model, sampling_rate=index.sampling_rate, channels=index.channels),
        training=dataclasses.replace(preset.training, seed=settings.seed),
    )
    typed = {key: value for key, value in changes.items() if key != "preset"}
    return schedule(index, apply(base, typed), {"phase_1": settings.phase_1, "total": settings.total, **typed})


def apply(base: Preset, changes: dict[str, str]) -> Preset:
    """``base`` with every typed change but the durations, which only :func:`schedule` can read.

    Raises:
        ConfigError: A name or value is not known.
    """
    tables = ("model", "loss", "training", "augment")
    specs: dict[str, Any] = {table: getattr(base, table) for table in tables}
    for key, value in changes.items():
        if key not in _DURATIONS:
            table, name = _locate(key, specs)
            converted = _convert(key, value, getattr(specs[table], name))
            specs[table] = dataclasses.replace(specs[table], **{name: converted})
    return dataclasses.replace(base, **specs)


def schedule(index: DatasetIndex, base: Preset, lengths: dict[str, str], origin: Origin | None = None) -> Plan:
    """Resolve the typed durations among ``lengths`` against a dataset, and check that all fits.

    Args:
        origin: What a fork goes on from.

    Raises:
        ConfigError: A duration cannot be read, or a value is out of range.
        DataError: See :func:`make_plan`.
    """
    training = base.training
    check_ranges(base.loss, training)
    check_augment(base.augment)
    together = training.batch_size * training.ranks
    check_enough(index, training.crop, together)
    crops = index.training_crops(training.crop)
    per_epoch, seconds = crops // together, together * training.crop / index.sampling_rate
    step = origin.step_length.forked(origin.step, per_epoch, seconds) if origin else StepLength(per_epoch, seconds)
    typed = {name: lengths.get(name, "") for name in _DURATIONS}
    training, words = resolve(training, typed, step, origin)
    check_ranges(base.loss, training)
    _check_fit(index, base.model, base.loss, training)
    read_rules(training, step)
    warnings = latent_warnings(index, base.model, training)
    return Plan(base.name, base.model, base.loss, training, base.augment, crops, step, words, warnings)


def _check_fit(index: DatasetIndex, model: ModelSpec, loss: LossSpec, training: TrainingSpec) -> None:
    """Refuse before training what would only fail in it."""
    if (model.sampling_rate, model.channels) != (index.sampling_rate, index.channels):
        raise DataError(
            "Data does not fit",
            f"The model wants {model.sampling_rate} Hz, {model.channels} channel(s); the dataset has "
            f"{index.sampling_rate} Hz, {index.channels}.",
            "Prepare the data again with the model's rate and channels.",
        )
    check_shape(model)
    check_crop(model, loss, training.crop)


def _locate(key: str, specs: dict[str, Any]) -> tuple[str, str]:
    """Which spec has the setting; ``training.crop`` and ``crop`` are the same."""
    table, _, name = key.rpartition(".")
    found = [
        part for part in specs if name in {f.name for f in dataclasses.fields(specs[part])} and table in ("", part)
    ]
    if not found or name in ("architecture", "sampling_rate", "channels"):
        known = sorted(f.name for part in specs.values() for f in dataclasses.fields(part))
        raise ConfigError("Unknown setting", f"No run has a setting {key!r}.", f"Known: {', '.join(known)}.")
    return found[0], name


def _convert(key: str, text: str, old: Any) -> Any:
    """A typed value as the type of the one it replaces; tuples are written ``4,4,2`` or ``1 1, 3 1``."""
    try:
        if isinstance(old, tuple):
            return _tuple(text, old)
        if isinstance(old, bool):
            return _TRUTH[text.strip().lower()]
        return type(old)(text.replace("_", "").replace(" ", "")) if isinstance(old, int | float) else text
    except (ValueError, IndexError, KeyError):
        raise ConfigError("Bad value", f"{key} = {text!r} cannot be read.", f"It is {old!r} unless changed.") from None


def _tuple(text: str, old: tuple[Any, ...]) -> Any:
    """Typed numbers as a tuple like ``old``; nothing typed is an empty one."""
    rows = [part.split() for part in text.strip("[]() ").split(",") if part.strip()]
    if old and isinstance(old[0], tuple):
        return freeze([[int(item) for item in row] for row in rows])
    kind = type(old[0]) if old else int
    return tuple(kind(item) for (item,) in rows)
