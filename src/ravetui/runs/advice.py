"""What to do about a run, in plain words with the evidence, and never more certain than that is."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.evidence import DISCRIMINATOR_EPOCHS, LONGEST_WINDOW, Evidence
from ravetui.runs.format import steps
from ravetui.runs.trend import Trend, relative_trend

_WINDOWS = (LONGEST_WINDOW, 40, 20, 10)
"""Validations over which a curve is called flat: the longest that it holds for."""
_RISE_WINDOWS = (20, 10)
_DRIFT = 0.03
"""A curve is flat only if a change larger than this over the window can be ruled out."""
_NOTHING = 0.005
"""A change that is real but no larger than this over the window is none either."""
_RISEN = 0.02
"""So far above its best a curve must be before it is said to rise."""
_JUMP = 0.1
_AFTER_TRANSITION = 20
"""For so many validations the jump at the transition is worth a word."""
_WON = 0.02
"""Below this the discriminator's hinge loss is at zero; a coin toss has 2 a scale."""
_COLLAPSED = 0.07
"""The share of its dimensions below which a latent carries next to nothing."""


@dataclass(frozen=True)
class Advice:
    """One sentence of evidence, and what follows from it."""

    text: str
    urgent: bool = False
    """Whether something has gone wrong rather than its course."""


def advise(evidence: Evidence) -> tuple[Advice, ...]:
    """Everything that can be said, the most urgent first."""
    found = [*_late_transition(evidence), *_discriminator_won(evidence), *_collapse(evidence)]
    found += _overfitting(evidence) if evidence.phase == 1 else _jump(evidence)
    if evidence.phase == 1 and not any("overfitting" in item.text for item in found):
        found += _flat(evidence)
    return tuple(sorted(found, key=lambda item: not item.urgent))


def _late_transition(evidence: Evidence) -> Iterator[Advice]:
    late = evidence.step - evidence.planned_phase_2
    if evidence.phase == 1 and late >= 1 and late >= min(evidence.steps_per_epoch, 10):
        yield Advice(f"phase 2 should have begun at step {steps(evidence.planned_phase_2)} and has not", urgent=True)


def _discriminator_won(evidence: Evidence) -> Iterator[Advice]:
    if evidence.discriminator_loss is not None and evidence.discriminator_loss < _WON:
        yield Advice(
            f"discriminator loss at {evidence.discriminator_loss:.2g} for {DISCRIMINATOR_EPOCHS} epochs: it has won, "
            "and the generator learns nothing from it any more; a fork with a lower discriminator_learning_rate may",
            urgent=True,
        )


def _collapse(evidence: Evidence) -> Iterator[Advice]:
    used = evidence.latent_dimensions
    if evidence.phase == 1 and used is not None and used <= _COLLAPSED * evidence.latent_size:
        yield Advice(
            f"99 % of the latent's variance is in {used} of {evidence.latent_size} dimensions: it has all but "
            "collapsed; a lower beta may help",
            urgent=True,
        )


def _overfitting(evidence: Evidence) -> Iterator[Advice]:
    epoch, value = evidence.validation_epoch, evidence.validation
    if not np.isfinite(value).any():
        return
    best = int(np.nanargmin(value))
    for window in _RISE_WINDOWS:
        if len(value) - best <= window // 2 or len(value) < window:
            continue
        rising, training = _newest(epoch, value, window), _newest(epoch, evidence.training, window)
        risen = float(np.nanmedian(value[-(window // 2) :])) / value[best] - 1
        if rising and training and rising.low > 0 > training.high and risen >= _RISEN:
            at = round(epoch[best] * evidence.steps_per_epoch)
            yield Advice(
                f"validation has risen {100 * risen:.0f} % since epoch {epoch[best]:.0f} while training falls: "
                f"overfitting; step {steps(at)} is best"
            )
            return


def _flat(evidence: Evidence) -> Iterator[Advice]:
    epoch, value = evidence.validation_epoch, evidence.validation
    for window in _WINDOWS:
        if len(value) < window:
            continue
        found, training = _newest(epoch, value, window), _newest(epoch, evidence.training, window)
        span = float(epoch[-1] - epoch[-window])
        if found is None or training is None:
            continue
        drift = max(abs(found.low), abs(found.high)) * span
        if drift > _DRIFT or not (found.is_flat or drift <= _NOTHING):
            continue
        half = (found.high - found.low) / 2
        slope = f"slope {100 * found.slope:+.1g} ± {100 * half:.1g} % an epoch".replace("-", "−")
        falls = "training still falling" if training.high < 0 else "training as well"
        yield Advice(
            f"validation flat for {span:.0f} epochs ({slope}), {falls}: phase 1 has little left; p goes adversarial "
            "from here"
        )
        return


def _jump(evidence: Evidence) -> Iterator[Advice]:
    after, before = evidence.validation[:_AFTER_TRANSITION], evidence.before[-5:]
    if not len(after) or not len(before) or len(evidence.validation) > _AFTER_TRANSITION:
        return
    jumped = float(np.nanmedian(after)) / float(np.nanmedian(before)) - 1
    if jumped > _JUMP:
        yield Advice(
            f"validation jumped {100 * jumped:.0f} % at the transition: expected in phase 2; judge by ear and by FAD"
        )


def _newest(epoch: NDArray[np.float64], value: NDArray[np.float64], window: int) -> Trend | None:
    """The slope of so many of the newest validations, as a share an epoch."""
    return relative_trend(epoch[-window:], value[-window:])
