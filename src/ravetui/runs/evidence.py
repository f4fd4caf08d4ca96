"""What a run's curves say of how it goes, reduced to what advice is given from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.checkpoints import Checkpoint
from ravetui.runs.due_phase import due_phase_2
from ravetui.runs.history import RunHistory
from ravetui.runs.journal import Records
from ravetui.runs.progress import Progress
from ravetui.runs.spec import RunSpec
from ravetui.runs.strain import Strain, look_for_strain

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
    """The step after which phase 2 is to begin, see :func:`ravetui.runs.due_phase.due_phase_2`."""
    phase_2_step: int | None
    """Where it began."""
    steps_per_epoch: int
    latent_size: int
    validation_step: NDArray[np.int64]
    validation_epoch: NDArray[np.float64]
    """As the run counts them, see :attr:`ravetui.runs.progress.Progress.counted`."""
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
    kl_active: int | None = None
    """Dimensions whose KL divergence is not near 0; None before it was measured, or of a latent that has none."""
    codebook_size: int = 0
    """Codes of each codebook; 0 of a latent without any."""
    codebook_usage: float | None = None
    """The share of the worst codebook's codes that are in use; None before it was measured."""
    codebook_perplexity: float | None = None
    """Of the worst codebook; None before it was measured."""
    strain: Strain = field(default_factory=Strain)
    """What will not last until the end, of a run that trains."""


def gather(
    spec: RunSpec,
    progress: Progress,
    history: RunHistory,
    checkpoints: Sequence[Checkpoint] = (),
    *,
    keep_every_hours: float = 0.0,
) -> Evidence:
    """Look at a run's curves.

    Args:
        spec: Of the run.
        progress: Of the run.
        history: It must have been polled.
        checkpoints: Newest first.
        keep_every_hours: See :func:`ravetui.runs.strain.look_for_strain`.
    """
    began = next((change.step for change in progress.transitions if change.phase == 2), None)
    validation = history.records("validation")
    now = validation["step"] > began if began is not None and progress.phase == 2 else validation["step"] > 0
    latent, codebooks = history.records("latent"), history.newest("codebooks", 1)
    return Evidence(
        phase=progress.phase,
        step=progress.step,
        planned_phase_2=due_phase_2(spec, history) if progress.phase == 1 else began or 0,
        phase_2_step=began,
        steps_per_epoch=max(progress.steps_per_epoch, 1),
        latent_size=spec.model.latent_size,
        validation_step=validation["step"][now].astype(np.int64),
        validation_epoch=progress.counted.epochs(validation["step"][now].astype(np.int64)),
        validation=validation["validation"][now].astype(np.float64),
        training=_between(history, validation["step"])[now],
        before=validation["validation"][~now].astype(np.float64),
        discriminator_loss=_discriminator(history, progress, began),
        latent_dimensions=_whole(_newest(latent, "fidelity_0.99")),
        kl_active=_whole(_newest(latent, "kl_active")),
        codebook_size=spec.model.codebook_size if spec.model.latent == "discrete" else 0,
        codebook_usage=_newest(codebooks, "codebook_usage_worst"),
        codebook_perplexity=_newest(codebooks, "codebook_perplexity_worst"),
        strain=look_for_strain(history.records("resources"), progress, checkpoints, keep_every_hours=keep_every_hours),
    )


def _newest(records: Records, column: str) -> float | None:
    """The last value, if it was measured."""
    value = float(records[column][-1]) if len(records) else np.nan
    return value if np.isfinite(value) else None


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


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
