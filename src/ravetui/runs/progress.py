"""Where a run is and when it will be further: steps, epochs, phases, time per epoch, ETA."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from ravetui.runs.epochs import COLUMNS, EpochTimes, epoch_times, of_phase
from ravetui.runs.eta import NOW, Course, Eta, Part, eta_of
from ravetui.runs.events import Event
from ravetui.runs.journal import Records, record_type
from ravetui.runs.pace import data_share, seconds_per_step
from ravetui.runs.phase_pace import PhasePace, phase_pace, validation_part
from ravetui.runs.spec import RunSpec
from ravetui.runs.step_length import StepLength


@dataclass(frozen=True)
class Transition:
    """A phase began after this step."""

    phase: int
    step: int


@dataclass(frozen=True)
class Progress:
    """Where a run is; a time that cannot be known is None, never a guess.

    Times to come are counted from the newest step; :meth:`left` counts them from now.
    """

    step: int
    total_steps: int
    phase: int
    phase_end_step: int
    """The step at which the present phase ends."""
    epoch: float
    steps_per_epoch: int
    seconds_per_step: float | None
    """Of the present phase, pauses for validation and checkpoints included."""
    phase_eta_s: float | None
    """Seconds of training to the end of the phase."""
    eta_s: float | None
    """Seconds of training to the end of the run; None while a phase is still to come whose pace nobody has seen."""
    transitions: tuple[Transition, ...]
    phase_2_seconds_per_step: float | None = None
    """Of phase 2, once it has been timed."""
    data_share: float | None = None
    """The part of a step's time, 0 to 1, in which the trainer waits for data."""
    estimated_from: str = ""
    """What gave the pace of phase 2 in ``eta_s``; empty when it is this run's own."""
    phase_eta: Eta | None = None
    """``phase_eta_s`` with its 80 % interval."""
    eta: Eta | None = None
    """``eta_s`` with its 80 % interval."""
    validation_eta: Eta | None = None
    """To the step after which the next validation begins."""
    epoch_times: EpochTimes | None = None
    """Of the whole epochs of the present phase."""
    newest: float | None = None
    """When the newest step was made, Unix time, seconds."""
    next_s: float = 0.0
    """What the next step takes, and the validation before it if one is due, seconds."""
    course: Course | None = None
    """What ``phase_eta`` and ``eta`` are made of."""
    step_s: tuple[float | None, float | None] = (None, None)
    """A step of phase 1 and one of phase 2, validations apart, as far as they have been timed, seconds."""
    step_length: StepLength | None = None
    """How its epochs are counted; None: all steps alike."""

    @property
    def fraction(self) -> float:
        """How much of the run is done, 0 to 1."""
        return min(self.step / self.total_steps, 1.0) if self.total_steps else 0.0

    @property
    def epoch_seconds(self) -> float | None:
        """Time per epoch at the present pace, seconds."""
        return None if self.seconds_per_step is None else self.seconds_per_step * self.steps_per_epoch

    @property
    def epochs(self) -> float:
        """Epochs of the whole run."""
        return self.counted.epochs(self.total_steps)

    @property
    def counted(self) -> StepLength:
        """From steps to epochs, a fork's past in the batches it was trained with."""
        return self.step_length or StepLength(self.steps_per_epoch, 0.0)

    def left(self, seconds: float | None, now: float) -> float | None:
        """What is left of a time to come that is counted from the newest step, seconds.

        Waiting for a step is no more than the step: while a machine sleeps, or a run is stopped, nothing comes nearer.

        Args:
            seconds: That time; None is unknown.
            now: Unix time, seconds.
        """
        if seconds is None or self.newest is None:
            return seconds
        return max(seconds - min(max(now - self.newest, 0.0), self.next_s), 0.0)


def transitions(events: list[Event], resumed_at: dict[int, int]) -> tuple[Transition, ...]:
    """The phase changes that still count: an attempt that resumed before one supersedes it."""
    found: dict[int, Transition] = {}
    for event in events:
        if event.kind != "phase":
            continue
        step = int(event.fields["step"])
        later = [start for attempt, start in resumed_at.items() if attempt > event.attempt]
        if all(step <= start for start in later):
            found[int(event.fields["phase"])] = Transition(int(event.fields["phase"]), step)
    return tuple(sorted(found.values(), key=lambda item: item.step))


def progress(
    spec: RunSpec,
    steps: Records,
    changes: tuple[Transition, ...],
    resumed: Collection[int] = (),
    epochs: Records | None = None,
) -> Progress:
    """Where the run is, and when it will be further.

    It looks at bounded windows only: where the phase has three records in ``epochs``, at the newest 600 steps, or those
    since the last epoch if they are more; else at 20 000; and never at more than 512 epochs. ``seconds_per_step`` is
    that of the newest validation cycle of at least 500 steps, as far as it is there. Whoever calls it may leave out
    older records.

    Args:
        steps: Newest records of the table ``steps``, ascending.
        changes: See :func:`transitions`.
        resumed: Steps after which an attempt began.
        epochs: Newest records of the table ``epochs``, ascending; None: none.
    """
    training = spec.training
    epochs = np.empty(0, dtype=record_type(COLUMNS)) if epochs is None else epochs
    step = int(steps["step"][-1]) if len(steps) else spec.first_step
    phase = int(steps["phase"][-1]) if len(steps) else 1
    if any(change.phase > phase and change.step <= step for change in changes):
        phase = max(change.phase for change in changes)
    planned = min(training.phase_1_steps, training.total_steps)
    phase_end = planned if phase == 1 else training.total_steps
    cycle, per_epoch = training.validate_every, spec.data.steps_per_epoch
    pace = {number: seconds_per_step(steps, number, cycle=cycle, resumed=resumed) for number in (1, 2)}
    began = {1: spec.first_step, 2: next((item.step for item in changes if item.phase == 2), spec.first_step)}
    paces = {number: phase_pace(spec, steps, epochs, number, began=began[number], resumed=resumed) for number in (1, 2)}
    now, validation = paces[phase], Part(0.0, 0.0)
    course: Course | None = None
    if now is not None:
        validation, scatter = validation_part(spec, steps, epochs, now, resumed=resumed)
        course = replace(_course(spec, step, phase_end, now, validation, begins=step in resumed), scatter=scatter)
    own_2 = _one(paces[2], max(training.total_steps - phase_end, 1))
    eta = None
    if course is not None and not course.later_steps:
        eta = course.phase_end()
    elif course is not None and own_2 is not None:
        eta = course.end(own_2)
    phase_eta = course.phase_end() if course else None
    due = step % cycle == 0 and step not in resumed
    return Progress(
        step=step,
        total_steps=training.total_steps,
        phase=phase,
        phase_end_step=phase_end,
        epoch=spec.step_length.epochs(step),
        steps_per_epoch=per_epoch,
        seconds_per_step=pace[phase],
        phase_eta_s=phase_eta.seconds if phase_eta else None,
        eta_s=eta.seconds if eta else None,
        transitions=changes,
        phase_2_seconds_per_step=pace[2],
        data_share=data_share(steps, phase),
        phase_eta=phase_eta,
        eta=eta,
        validation_eta=None if now is None else _to_validation(spec, step, now, validation, due=due),
        epoch_times=epoch_times(of_phase(epochs, max(per_epoch, 1), began[phase]), max(per_epoch, 1)),
        newest=float(steps["time"][-1]) if len(steps) else None,
        next_s=now.ahead(1).seconds + due * validation.seconds if now else 0.0,
        course=course,
        step_s=(_seconds(paces[1]) or _of_epochs(epochs, began[2], per_epoch), _seconds(paces[2])),
        step_length=spec.step_length,
    )


def _course(spec: RunSpec, step: int, phase_end: int, now: PhasePace, validation: Part, *, begins: bool) -> Course:
    """What is to come.

    Args:
        begins: Whether an attempt begins with this step: its validation has been made.
    """
    total, cycle = spec.training.total_steps, spec.training.validate_every
    # The pause after the present step belongs to what is to come, as does the one after the last.
    in_phase = _validations(step if begins else step - 1, phase_end, cycle) if phase_end > step else 0
    later = _validations(max(phase_end, step), total, cycle)
    last = int(total % cycle > 0)
    if phase_end >= total:
        in_phase, last = in_phase + last * int(total > step), 0
    return Course(now.part(phase_end - step), validation, in_phase, max(total - max(phase_end, step), 0), later + last)


def _validations(after: int, until: int, cycle: int) -> int:
    """How many steps after ``after`` and not after ``until`` are validated, but not step 0."""
    return max(until // cycle - max(after, 0) // cycle, 0)


def _to_validation(spec: RunSpec, step: int, now: PhasePace, validation: Part, *, due: bool) -> Eta:
    """To the next validation's step; beyond the phase, at the pace of this one."""
    training = spec.training
    target = min((step // training.validate_every + 1) * training.validate_every, training.total_steps)
    if target <= step:
        return NOW
    return eta_of(now.part(target - step), validation if due else Part(0.0, 0.0))


def _one(pace: PhasePace | None, ahead: int) -> Part | None:
    found = pace.ahead(ahead) if pace else None
    return Part(found.seconds, found.spread) if found else None


def _seconds(pace: PhasePace | None) -> float | None:
    return float(pace.fine.mean()) if pace else None


def _of_epochs(epochs: Records, began: int, per_epoch: int) -> float | None:
    """A step of phase 1 by its last epochs, when its steps are long ago."""
    first = epochs[epochs["step"] <= began][-8:]
    if not len(first):
        return None
    return float((first["epoch_seconds"] - first["epoch_validation_seconds"]).mean()) / max(per_epoch, 1)
