"""The pace of one phase of a run as blocks of steps, from which the pace to come is forecast."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.epochs import of_phase
from ravetui.runs.eta import Part
from ravetui.runs.forecast import Pace, forecast
from ravetui.runs.journal import Records
from ravetui.runs.pace import MINIMUM_STEPS, StepTimes, step_times
from ravetui.runs.spec import RunSpec

WINDOW = 20_000
"""At most so many of the newest steps are looked at, as long as there are no epochs to look at."""
SHORT_WINDOW = 600
"""So many are enough beside epochs."""
FEW_EPOCHS = 3
"""With fewer whole epochs the steps themselves are looked at."""
_BLOCKS = 24
"""Into so many blocks those steps are parted."""
_OTHER_PACE = 1.25
"""An attempt that is so many times as fast, or as slow, as those before it runs on another machine, or as if."""
_SETTLED = 20
"""So many steps tell that."""
_GETTING_READY = 2
"""The first steps of an attempt, in which libraries make themselves ready, are left out where others are left."""
_FORWARD = 0.4
"""A validation batch takes about this share of a training step: no backward pass, no optimiser."""
_Z = 1.2816
"""The normal quantile of an 80 % interval."""
_GUESSED, _ONCE = 0.7, 0.3
"""Spread of a validation's time before one was seen, and after one."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PhasePace:
    """Blocks of steps of one phase, oldest first; validations apart."""

    fine: Floats
    """Seconds a step of blocks of the newest steps, shape (blocks,)."""
    fine_length: int
    """Steps of such a block."""
    coarse: Floats
    """The same of whole epochs, and of the steps since the last of them."""
    coarse_length: int
    last_weight: float
    """The length of the last of them, as a share of an epoch."""
    since: int = 0
    """The step after which an attempt changed the pace; what was before it tells nothing."""

    def ahead(self, steps: int) -> Pace:
        """The pace of so many steps to come."""
        if len(self.coarse) >= FEW_EPOCHS and steps >= 2 * self.coarse_length:
            return forecast(self.coarse, steps / self.coarse_length, weight_of_last=self.last_weight)
        return forecast(self.fine, steps / self.fine_length)

    def part(self, steps: int) -> Part:
        """So many steps to come, validations apart."""
        if steps <= 0:
            return Part(0.0, 0.0)
        found = self.ahead(steps)
        return Part(steps * found.seconds, found.spread)


def phase_pace(
    spec: RunSpec, steps: Records, epochs: Records, phase: int, *, began: int, resumed: Collection[int]
) -> PhasePace | None:
    """The pace of a phase; None with too few steps to tell.

    Args:
        steps: Newest records of the table ``steps``, ascending.
        epochs: Newest records of the table ``epochs``, ascending.
        phase: The phase whose steps count.
        began: The step after which it began.
        resumed: Steps after which an attempt began.
    """
    per_epoch, cycle = max(spec.data.steps_per_epoch, 1), spec.training.validate_every
    whole = of_phase(epochs, per_epoch, began)
    recent = steps[-WINDOW:] if len(whole) < FEW_EPOCHS else steps[-_enough(steps, whole) :]
    recent = recent[recent["phase"] == phase]
    if len(recent) < MINIMUM_STEPS:
        return None
    found = step_times(recent, cycle=cycle, resumed=resumed)
    rates = _rates(found)
    first = _new_pace(found.step, rates, resumed)
    step, rates = found.step[first:], rates[first:]
    length = spec.training.discriminator_every if phase == 2 else 1
    length *= max(-(-len(rates) // (_BLOCKS * length)), 1)
    fine, length = _blocks(rates, length) if len(rates) >= length else (rates, 1)
    coarse = (whole["epoch_seconds"] - whole["epoch_validation_seconds"]).astype(float) / per_epoch
    newest = int(step[0]) if first else -1
    kept = (whole["step"] - per_epoch >= newest) if first else np.full(len(whole), True)
    kept &= ~_left_behind(whole["step"], coarse, rates, step, resumed)
    coarse, ends = coarse[kept], whole["step"][kept]
    tail = rates[step > ends[-1]] if len(ends) else rates[:0]
    weight = 1.0
    if len(tail) >= MINIMUM_STEPS and len(tail) < per_epoch:
        coarse, weight = np.append(coarse, tail.mean()), len(tail) / per_epoch
    left = whole["step"][~kept]
    since = max(newest - 1, int(left[-1]) if len(left) else 0, 0)
    return PhasePace(fine, length, coarse, per_epoch, weight, since)


def validation_part(
    spec: RunSpec, steps: Records, epochs: Records, pace: PhasePace, *, resumed: Collection[int]
) -> tuple[Part, float]:
    """One pause for a validation, and its relative scatter: as among the newest steps or epochs, else a guess.

    Args:
        steps: Newest records of the table ``steps``, ascending.
        epochs: Newest records of the table ``epochs``, ascending.
        pace: Of the present phase.
        resumed: Steps after which an attempt began.
    """
    training, per_epoch = spec.training, max(spec.data.steps_per_epoch, 1)
    found = step_times(steps[-WINDOW:], cycle=training.validate_every, resumed=resumed)
    seen = found.pause[found.after_validation & (found.step > pace.since)][-NEWEST_VALIDATIONS:]
    newest = epochs[epochs["step"] - per_epoch >= pace.since][-NEWEST_VALIDATIONS:]
    if len(newest):
        counts = _multiples(newest["step"] - per_epoch, newest["step"] - 1, training.validate_every)
        validated = counts > 0
        by_epoch = (newest["epoch_validation_seconds"].astype(float) / np.maximum(counts, 1))[validated]
        seen = by_epoch if len(by_epoch) > len(seen) else seen
    if not len(seen):
        batches = -(-training.validation_crops // max(training.batch_size * training.ranks, 1))
        return Part(_FORWARD * batches * pace.ahead(1).seconds, _GUESSED), 0.0
    mean = float(seen.mean())
    scatter = float(seen.std(ddof=1)) / mean if len(seen) > 1 and mean > 0 else 0.0
    return Part(mean, max(_Z * scatter / len(seen) ** 0.5, _ONCE / len(seen) ** 2)), scatter


NEWEST_VALIDATIONS = 32
"""So many of the newest validations tell how long one takes."""


def _multiples(first: NDArray[np.int64], last: NDArray[np.int64], cycle: int) -> NDArray[np.int64]:
    """How many multiples of ``cycle``, but 0, lie from ``first`` to ``last``."""
    counted: NDArray[np.int64] = last // cycle - np.maximum(first - 1, 0) // cycle
    return counted


def _enough(steps: Records, whole: Records) -> int:
    """As many of the newest steps as there are since the last whole epoch, within bounds."""
    since = int(steps["step"][-1]) - int(whole["step"][-1]) if len(steps) else 0
    return min(max(since, SHORT_WINDOW), WINDOW)


def _rates(found: StepTimes) -> Floats:
    """Seconds of each step, validations apart, the first of an attempt like those after them."""
    rates = found.own + np.where(found.after_validation, 0.0, found.pause)
    for at in np.flatnonzero(found.resumed | (found.step == 1)):
        settled = rates[at + _GETTING_READY : at + _SETTLED]
        if len(settled) >= MINIMUM_STEPS:
            rates[at : at + _GETTING_READY] = np.median(settled)
    return rates


def _new_pace(step: NDArray[np.int64], rates: Floats, resumed: Collection[int]) -> int:
    """The first of these steps since which the pace is the present one; 0: no attempt has changed it."""
    for at in sorted((int(np.searchsorted(step, item + 1)) for item in resumed), reverse=True):
        before, after = rates[max(at - 10 * _SETTLED, 0) : at], rates[at : at + 10 * _SETTLED]
        if min(len(before), len(after)) >= _SETTLED and _differ(before, after):
            return at
    return 0


def _left_behind(
    ends: NDArray[np.int64], coarse: Floats, rates: Floats, step: NDArray[np.int64], resumed: Collection[int]
) -> NDArray[np.bool_]:
    """Which epochs were made at another pace than the attempts since."""
    gone = np.zeros(len(ends), dtype=bool)
    for item in resumed:
        before = ends <= item
        after = coarse[ends > item] if (ends > item).any() else rates[step > item][_GETTING_READY:]
        enough = len(after) >= (1 if (ends > item).any() else _SETTLED)
        if before.any() and enough and _differ(coarse[before][-3:], after[:3] if (ends > item).any() else after):
            gone |= before
    return gone


def _differ(before: Floats, after: Floats) -> bool:
    ratio = float(np.median(after)) / max(float(np.median(before)), 1e-12)
    return not 1 / _OTHER_PACE < ratio < _OTHER_PACE


def _blocks(rates: Floats, length: int) -> tuple[Floats, int]:
    """Means of blocks of the newest steps, and the blocks' length."""
    count = len(rates) // length
    return rates[-count * length :].reshape(count, length).mean(axis=1), length
