"""What to do about a run, in plain words with the evidence, and never more certain than that is."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.evidence import DISCRIMINATOR_EPOCHS, LONGEST_WINDOW, Evidence
from ravetui.runs.format import bytes_, duration, steps
from ravetui.runs.strain import Strain
from ravetui.runs.trend import Trend, correlation, mann_kendall, noise, relative_trend

_WINDOWS = (LONGEST_WINDOW, 40, 20, 10)
"""Validations over which a curve is called flat: the longest that it holds for."""
_RISE_WINDOWS = (40, 20)
"""Validations over which it is asked whether a curve rises; with fewer, noise looks like it too often."""
_RISING = 3.0
"""So many standard deviations of Kendall's score a rise must be from none."""
_LEVEL = 5
"""Where a curve stands is the median of so many neighbouring validations."""
_BEYOND_NOISE = 5.0
"""So many standard deviations of the noise a rise must be: the best of many noisy levels is low by chance."""
_DRIFT = 0.03
"""A curve is flat only if a change larger than this over the window can be ruled out."""
_NOTHING = 0.005
"""A change that is real but no larger than this over the window is none either."""
_RISEN = 0.02
"""So far above its best level a curve must be before it is said to rise."""
_JUMP = 0.1
_AFTER_TRANSITION = 20
"""For so many validations the jump at the transition is worth a word."""
_WON = 0.02
"""Below this the discriminator's hinge loss is at zero; a coin toss has 2 a scale."""
_COLLAPSED = 0.07
"""The share of its dimensions below which a latent carries next to nothing."""
_FEW_CODES = 0.02
"""The share of its codes below which a codebook's perplexity says next to nothing; two codes are few in any case."""


@dataclass(frozen=True)
class Advice:
    """One sentence of evidence, and what follows from it."""

    said: str
    key: str = ""
    """What a key of the screen does about it, for a run that can be told; empty: nothing."""
    urgent: bool = False
    """Whether something has gone wrong rather than its course."""
    passing: bool = False
    """Whether it is true only while the run trains."""

    @property
    def text(self) -> str:
        """All of it."""
        return f"{self.said}, {self.key}" if self.key else self.said


def advise(evidence: Evidence) -> tuple[Advice, ...]:
    """Everything that can be said, the most urgent first."""
    found = [*_late_transition(evidence), *_discriminator_won(evidence), *_collapse(evidence), *_codebooks(evidence)]
    found += _strain(evidence.strain)
    if evidence.phase == 1:
        # One that overfits is past being flat.
        found += list(_overfitting(evidence)) or _flat(evidence)
    else:
        found += _jump(evidence)
    return tuple(sorted(found, key=lambda item: not item.urgent))


def _late_transition(evidence: Evidence) -> Iterator[Advice]:
    late = evidence.step - evidence.planned_phase_2
    if evidence.phase == 1 and late >= 1 and late >= min(evidence.steps_per_epoch, 10):
        yield Advice(f"phase 2 should have begun at step {steps(evidence.planned_phase_2)} and has not", urgent=True)


def _discriminator_won(evidence: Evidence) -> Iterator[Advice]:
    if evidence.discriminator_loss is not None and evidence.discriminator_loss < _WON:
        yield Advice(
            f"discriminator loss at {_zero(evidence.discriminator_loss)} for {DISCRIMINATOR_EPOCHS} epochs: it has "
            "won, and the generator learns nothing from it any more; a fork with a lower discriminator_learning_rate "
            "may",
            urgent=True,
        )


def _collapse(evidence: Evidence) -> Iterator[Advice]:
    if evidence.phase > 1:
        return
    size, active, used = evidence.latent_size, evidence.kl_active, evidence.latent_dimensions
    if active is not None and active <= _COLLAPSED * size:
        found = f"KL near 0 in {size - active} of {size} dimensions: collapse"
    elif active is None and used is not None and used <= _COLLAPSED * size:
        found = f"99 % of the latent's variance is in {used} of {size} dimensions: it has all but collapsed"
    else:
        return
    yield Advice(f"{found}; a lower beta may help", urgent=True)


def _codebooks(evidence: Evidence) -> Iterator[Advice]:
    size, perplexity, usage = evidence.codebook_size, evidence.codebook_perplexity, evidence.codebook_usage
    if evidence.phase > 1 or not size or perplexity is None or usage is None:
        return
    if perplexity < max(_FEW_CODES * size, 2):
        yield Advice(
            f"a codebook says no more than {perplexity:.1f} of its {size} codes would, and has {100 * usage:.0f} % of "
            "them in use: collapse; a lower learning_rate, or a new run with a smaller codebook_size, may help",
            urgent=True,
        )


def _strain(strain: Strain) -> Iterator[Advice]:
    def filling(what: str, rate: float, free: float) -> Advice:
        hourly, full = bytes_(round(rate * 3600)), duration(free / rate)
        text = f"{what} by {hourly} an hour and {bytes_(round(free))} are free: full in {full}, before the run ends"
        return Advice(text, urgent=True, passing=True)

    if strain.memory_growth is not None:
        yield filling("the run's memory grows", strain.memory_growth, strain.memory_free)
    if strain.disk_growth is not None:
        yield filling("the disk fills", strain.disk_growth, strain.disk_free)
    elif strain.disk_needed is not None:
        size, count = bytes_(strain.checkpoint_bytes), strain.checkpoints_to_come
        kept = f"{count} that stay{'s' if count == 1 else ''} for good and " if count else ""
        yield Advice(
            f"{bytes_(round(strain.disk_free))} free on the disk, and checkpoints of {size} to come ({kept}the newest) "
            f"take {bytes_(round(strain.disk_needed))}: a larger run.keep_every_hours keeps fewer",
            urgent=True,
            passing=True,
        )
    if strain.idle_gpu is not None:
        yield Advice(
            f"GPU at {strain.idle_gpu:.0f} % while {100 * strain.data_share:.0f} % of a step waits for data: more "
            "engine.workers, or engine.resident, feed it",
            passing=True,
        )


def _overfitting(evidence: Evidence) -> Iterator[Advice]:
    """Said of flat noise in less than 1 of 1000 looks, also where each validation is half like the one before it."""
    epoch, value = evidence.validation_epoch, evidence.validation
    finite = np.isfinite(value)
    if finite.sum() < min(_RISE_WINDOWS):
        return
    best = int(np.nanargmin(np.where(finite, value, np.nan)))
    levels = np.median(np.lib.stride_tricks.sliding_window_view(value[finite], _LEVEL), axis=1)
    lowest = float(levels.min())
    risen, longest = float(levels[-1]) / lowest - 1, max(_RISE_WINDOWS)
    if risen < max(_RISEN, _BEYOND_NOISE * noise(epoch[-longest:], value[-longest:]) / lowest):
        return
    for window in _RISE_WINDOWS:
        x, y = epoch[-window:], value[-window:]
        if len(value) < window or mann_kendall(y, correlation=correlation(x, y)) <= _RISING:
            continue
        training = _newest(epoch, evidence.training, window)
        if training and training.high < 0:
            at = int(evidence.validation_step[best])
            yield Advice(
                f"validation rising {100 * risen:.0f} % since epoch {epoch[best]:.0f} while training falls: "
                f"overfitting; checkpoint {steps(at)} is best"
            )
            return


def _flat(evidence: Evidence) -> Iterator[Advice]:
    epoch, value = evidence.validation_epoch, evidence.validation
    falls: list[float] = []
    for window in _WINDOWS:
        if len(value) < window:
            continue
        found, training = _newest(epoch, value, window), _newest(epoch, evidence.training, window)
        span = float(epoch[-1] - epoch[-window])
        if found is None or training is None:
            continue
        # Of few validations a slow fall looks flat: they must rule out the fall that more of them show.
        unsure = any(found.low <= slope for slope in falls)
        if found.high < 0 and -found.slope * span > _DRIFT:
            falls.append(found.slope)
        drift = max(abs(found.low), abs(found.high)) * span
        if unsure or drift > _DRIFT or not (found.is_flat or drift <= _NOTHING):
            continue
        half = 50 * (found.high - found.low)
        digits = max(0, -math.floor(math.log10(half))) if half > 0 else 2
        slope = f"slope {100 * found.slope:+.{digits}f} % ± {half:.{digits}f} % per epoch".replace("-", "−")
        still = "training still falling" if training.high < 0 else "training as well"
        yield Advice(
            f"validation flat for {span:.0f} epochs ({slope}), {still}: phase 1 has little left",
            key="p goes adversarial from here",
        )
        return


def _jump(evidence: Evidence) -> Iterator[Advice]:
    after, before = evidence.validation[:_AFTER_TRANSITION], evidence.before[-5:]
    if not len(after) or not len(before) or len(evidence.validation) > _AFTER_TRANSITION:
        return
    jumped = float(np.nanmedian(after)) / float(np.nanmedian(before)) - 1
    if jumped > _JUMP:
        yield Advice(
            f"validation jumped {100 * jumped:.0f} % at the transition: expected in phase 2, judge by ear and by FAD"
        )


def _newest(epoch: NDArray[np.float64], value: NDArray[np.float64], window: int) -> Trend | None:
    """The slope of so many of the newest validations, as a share an epoch."""
    return relative_trend(epoch[-window:], value[-window:])


def _zero(value: float) -> str:
    """A loss so small that only its being at zero matters: ``0``, or ``0.012``."""
    return "0" if abs(value) < 0.005 else f"{value:.2g}"
