"""What a run's curves say of how it goes, reduced to what advice is given from."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.history import RunHistory
from ravetui.runs.progress import Progress
from ravetui.runs.spec import RunSpec

LONGEST_WINDOW = 80
"""Validations that advice looks back over at most."""
DISCRIMINATOR_EPOCHS = 2
"""Over so many epochs the discriminator is looked at."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """A run's curves at its validations. Arrays have shape (validations of the present phase,), oldest first."""

    phase: int
    step: int
    planned_phase_2: int
    """The step at which the spec lets phase 2 begin."""
    phase_2_step: int | None
    """Where it began."""
    steps_per_epoch: int
    latent_size: int
    validation_epoch: NDArray[np.float64]
    validation: NDArray[np.float64]
    training: NDArray[np.float64]
    """Mean full-band distance on training data between each validation and the one before it; NaN without a step, and
    before what advice looks back over."""
    before: NDArray[np.float64]
    """Validations of phase 1, when the present one is phase 2."""
    discriminator_loss: float | None
    """Its mean over the newest epochs; None before phase 2 has had as many."""
    latent_dimensions: int | None
    """Dimensions that hold 99 % of the latent's variance; None before the latent was analysed."""


def gather(spec: RunSpec, progress: Progress, history: RunHistory) -> Evidence:
    """Look at a run's curves; its history must have been polled."""
    began = next((change.step for change in progress.transitions if change.phase == 2), None)
    validation = history.records("validation")
    now = validation["step"] > began if began is not None and progress.phase == 2 else validation["step"] > 0
    latent = history.records("latent")
    per_epoch = max(progress.steps_per_epoch, 1)
    return Evidence(
        phase=progress.phase,
        step=progress.step,
        planned_phase_2=min(spec.training.phase_1_steps, spec.training.total_steps),
        phase_2_step=began,
        steps_per_epoch=per_epoch,
        latent_size=spec.model.latent_size,
        validation_epoch=validation["step"][now] / per_epoch,
        validation=validation["validation"][now].astype(np.float64),
        training=_between(history, validation["step"])[now],
        before=validation["validation"][~now].astype(np.float64),
        discriminator_loss=_discriminator(history, progress, began),
        latent_dimensions=int(latent["fidelity_0.99"][-1]) if len(latent) else None,
    )


def _between(history: RunHistory, borders: NDArray[np.int64]) -> NDArray[np.float64]:
    series = history.series("fullband_spectral_distance")
    ends = np.concatenate(([0], series.steps.search(borders.astype(np.float64), "right")))
    # A long run's curve is not read whole at every look.
    skipped = max(len(borders) - LONGEST_WINDOW, 0)
    values = series.values.array
    means = [float(values[a:b].mean(dtype=np.float64)) if b > a else np.nan for a, b in pairwise(ends[skipped:])]
    return np.concatenate((np.full(skipped, np.nan), means))


def _discriminator(history: RunHistory, progress: Progress, began: int | None) -> float | None:
    span = DISCRIMINATOR_EPOCHS * max(progress.steps_per_epoch, 1)
    if began is None or progress.phase < 2 or progress.step - began < span:
        return None
    records = history.newest("discriminator", span)
    first = int(np.searchsorted(records["step"], progress.step - span, "right"))
    return float(records["loss_dis"][first:].mean(dtype=np.float64)) if first < len(records) else None
