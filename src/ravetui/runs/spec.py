"""What a run was asked to do, frozen at its creation in ``spec.toml``."""

import dataclasses
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import tomlkit

from ravetui.errors import RunError
from ravetui.runs.atomic import write_bytes
from ravetui.runs.model_spec import ModelSpec
from ravetui.runs.step_length import StepLength
from ravetui.runs.training_spec import AugmentSpec, LossSpec, TrainingSpec

FORMAT = 1
T = TypeVar("T")


@dataclass(frozen=True)
class DataRef:
    """The dataset a run was made for."""

    name: str
    """Its name in the workspace."""
    path: str
    """Where it was, absolute: the one path outside the run folder."""
    fingerprint: str
    """Its content, so that a moved or changed dataset is noticed."""
    steps_per_epoch: int
    """``floor(training crops / (batch_size × ranks))`` at creation."""


@dataclass(frozen=True)
class ParentRef:
    """The checkpoint a forked run began with."""

    run: str
    """Name of the run it is of, at the time of the fork."""
    id: str
    """That run's UUID."""
    step: int
    """Updates done when it was saved: the fork's first step is the next one."""
    epochs: float = 0.0
    """Epochs done by then, each counted in the batches it was trained with; 0 in a spec from before they were kept."""
    audio_s: float = 0.0
    """Audio heard by then, seconds; 0 as above."""


@dataclass(frozen=True)
class Lengths:
    """A run's boundaries as they were typed: ``97 epochs``, ``600000 steps``, ``30 h of audio``; empty: as in steps.

    :class:`TrainingSpec` has the steps that they are. The words are what a fork with other batches reads anew.
    """

    phase_1: str = ""
    total: str = ""
    validate_every: str = ""


@dataclass(frozen=True)
class RunSpec:
    """Everything needed to train a run, written once."""

    name: str
    id: str
    """UUID of the run: stays when the folder is moved or renamed."""
    created: str
    """ISO 8601 time, UTC."""
    preset: str
    model: ModelSpec
    loss: LossSpec
    training: TrainingSpec
    data: DataRef
    augment: AugmentSpec = field(default_factory=AugmentSpec)
    versions: dict[str, str] = field(default_factory=dict)
    """Program and library versions at creation."""
    parent: ParentRef | None = None
    """Where a fork comes from; None for a run that began at step 0."""
    lengths: Lengths = field(default_factory=Lengths)

    @property
    def first_step(self) -> int:
        """Updates that were done before the run began: 0 unless it is a fork."""
        return self.parent.step if self.parent else 0

    @property
    def step_length(self) -> StepLength:
        """How its steps, epochs and audio are counted."""
        training = self.training
        seconds = training.batch_size * training.ranks * training.crop / self.model.sampling_rate
        counted = StepLength(self.data.steps_per_epoch, seconds)
        if self.parent is None or not self.parent.epochs:
            return counted
        before = self.parent
        return StepLength(counted.per_epoch, seconds, before.step, before.epochs, before.audio_s)


def write_spec(path: Path, spec: RunSpec) -> None:
    """Publish ``spec`` at ``path`` as TOML.

    Raises:
        RunError: The file is there already: a spec is frozen.
    """
    if path.exists():
        raise RunError("Run exists", f"{path} is already there and a spec is never rewritten.", "Choose another name.")
    document = {"format": FORMAT, **{k: v for k, v in dataclasses.asdict(spec).items() if v is not None}}
    write_bytes(path, tomlkit.dumps(document).encode())


def read_spec(path: Path) -> RunSpec:
    """Read a run's ``spec.toml``.

    Raises:
        RunError: It is missing, not TOML, of a newer format, or lacks a key.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise RunError("No run here", f"{path.parent} has no spec.toml, so it is not a run.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RunError("Damaged spec", f"{path} cannot be read: {error}.") from None
    if table.pop("format", None) != FORMAT:
        raise RunError("Unknown format", f"{path} was written by another version of ravetui.", "Update ravetui.")
    parts = ("model", "loss", "training", "augment", "data", "parent", "lengths")
    try:
        augment = table.get("augment", {})
        if "phase_mangle" in table["training"]:
            augment = {**augment, "phase_mangle": table["training"].pop("phase_mangle")}  # where specs once kept it
        return RunSpec(
            **{k: v for k, v in table.items() if k not in parts},
            model=_build(ModelSpec, table["model"]),
            loss=_build(LossSpec, table["loss"]),
            training=_build(TrainingSpec, table["training"]),
            augment=_build(AugmentSpec, augment),
            data=_build(DataRef, table["data"]),
            parent=_build(ParentRef, table["parent"]) if "parent" in table else None,
            lengths=_build(Lengths, table.get("lengths", {})),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise RunError("Damaged spec", f"{path} does not fit this version of ravetui: {error}.") from None


def freeze(value: Any) -> Any:
    """Lists as tuples, all the way down: what TOML gives as a frozen dataclass keeps it."""
    return tuple(freeze(item) for item in value) if isinstance(value, list) else value


def _build(kind: type[T], table: dict[str, Any]) -> T:
    return kind(**{key: freeze(value) for key, value in table.items()})
