"""Where phases end and how far apart validations are, in steps, from what was typed here or in the run forked from."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from ravetui.engine.duration import Duration, read_duration, since_beginning
from ravetui.runs.format import steps
from ravetui.runs.spec import Lengths
from ravetui.runs.step_length import StepLength
from ravetui.runs.training_spec import TrainingSpec


@dataclass(frozen=True)
class Origin:
    """The checkpoint that a fork goes on from."""

    step: int
    phase: int
    lengths: Lengths
    """What was typed for its run."""
    step_length: StepLength
    """How that counts."""


def resolve(
    training: TrainingSpec, typed: Mapping[str, str], step: StepLength, origin: Origin | None = None
) -> tuple[TrainingSpec, Lengths]:
    """The boundaries of a run, or of a fork, in steps, and the words to keep of them.

    Epochs and audio are counted from the beginning of the run, or of the first one that a fork descends from, and what
    is trained already counts in the batches it was trained with: phase 1 of ``97 epochs`` that is forked after 50 of
    them, with twice the batch, has 47 more of half as many steps. So:

    - Without other batches (``batch_size``, ``ranks``, ``crop``) a fork keeps every boundary to the step.
    - With others, what was typed in epochs or audio stays that, and becomes other steps. What was typed in steps, or
      is the preset's, stays steps.
    - A phase 1 that would be over before the checkpoint ends there. One that is over stays as it was.
    - ``total`` that nobody typed, and ``total`` of a fork for which only ``phase_1`` is typed anew, leave phase 2 its
      length: in epochs or audio where ``total`` was typed so, otherwise in steps.

    Args:
        training: Of the preset, or of the run that is forked, with the batches that are wanted.
        typed: ``phase_1``, ``total`` and ``validate_every``, where somebody types them now.
        step: What a step of the run will be.
        origin: Where a fork comes from.

    Raises:
        ConfigError: A duration cannot be read.
    """
    typed = {name: text.strip() for name, text in typed.items() if text.strip()}
    kept = origin.lengths if origin else Lengths()
    anew = origin is not None and not step.is_like(origin.step_length)

    def wanted(name: str) -> Duration | None:
        if name in typed:
            return read_duration(typed[name])
        old = read_duration(getattr(kept, name)) if anew else None
        return None if old is None or old.in_steps else old

    phase_1 = training.phase_1_steps
    over = origin is not None and origin.phase > 1
    if (length := wanted("phase_1")) and ("phase_1" in typed or not over):
        phase_1 = length.place(step)
    if origin is not None and not over:
        phase_1 = max(phase_1, origin.step)
    every = length.length(step) if (length := wanted("validate_every")) else training.validate_every

    total, total_words = training.total_steps, kept.total
    if (length := wanted("total")) and ("total" in typed or "phase_1" not in typed):
        total, total_words = length.place(step), typed.get("total", kept.total)
    elif "phase_1" in typed or not (old := read_duration(kept.total)) or not old.in_steps:
        total, total_words = _after(phase_1, training, step, origin)
    words = Lengths(typed.get("phase_1", kept.phase_1), total_words, typed.get("validate_every", kept.validate_every))
    return dataclasses.replace(training, phase_1_steps=phase_1, total_steps=total, validate_every=every), words


def _after(phase_1: int, training: TrainingSpec, step: StepLength, origin: Origin | None) -> tuple[int, str]:
    """The end of a phase 2 of the same length after another phase 1, and the words to keep of it."""
    end = phase_1 + training.total_steps - training.phase_1_steps
    old = read_duration(origin.lengths.total) if origin else None
    if origin is None or old is None:
        return end, ""
    if old.in_steps:
        return end, origin.lengths.total if end == training.total_steps else f"{end} steps"
    if step.is_like(origin.step_length):
        if end == training.total_steps:
            return end, origin.lengths.total
        return end, since_beginning(old.unit, end, step).typed()
    began, ended = (
        since_beginning(old.unit, place, origin.step_length).number
        for place in (training.phase_1_steps, training.total_steps)
    )
    begins = since_beginning(old.unit, phase_1, step).number
    length = Duration(begins + ended - began, old.unit)
    return length.place(step), length.typed()


def moved(old: TrainingSpec, new: TrainingSpec, words: Lengths) -> list[str]:
    """A sentence for each boundary of a fork that is at another step than in the run it comes from."""
    places = (
        ("phase 1 ends after step", old.phase_1_steps, new.phase_1_steps, words.phase_1),
        ("the run ends after step", old.total_steps, new.total_steps, words.total),
        ("validation is every", old.validate_every, new.validate_every, words.validate_every),
    )
    return [
        f"{what} {steps(now)} instead of {steps(before)}{f' ({text})' if text else ''}"
        for what, before, now, text in places
        if before != now
    ]
