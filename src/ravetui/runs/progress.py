"""Where a run is and when it will be further: steps, epochs, phases, time per epoch, ETA."""

from collections.abc import Collection
from dataclasses import dataclass

from ravetui.runs.events import Event
from ravetui.runs.journal import Records
from ravetui.runs.pace import data_share, seconds_per_step
from ravetui.runs.spec import RunSpec
from ravetui.runs.step_length import StepLength


@dataclass(frozen=True)
class Transition:
    """A phase began after this step."""

    phase: int
    step: int


@dataclass(frozen=True)
class Progress:
    """Where a run is; a time that cannot be known is None, never a guess."""

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
    """The run whose phase 2 gave ``eta_s``; empty when it is this run's own."""
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


def progress(spec: RunSpec, steps: Records, changes: tuple[Transition, ...], resumed: Collection[int] = ()) -> Progress:
    """Where the run is, from its ``steps`` table.

    Args:
        steps: Records of the table ``steps``, ascending.
        changes: See :func:`transitions`.
        resumed: Steps after which an attempt began.
    """
    training = spec.training
    step = int(steps["step"][-1]) if len(steps) else spec.first_step
    phase = int(steps["phase"][-1]) if len(steps) else 1
    if any(change.phase > phase and change.step <= step for change in changes):
        phase = max(change.phase for change in changes)
    phase_end = training.phase_1_steps if phase == 1 else training.total_steps
    phase_end = min(phase_end, training.total_steps)
    cycle = training.validate_every
    pace = {number: seconds_per_step(steps, number, cycle=cycle, resumed=resumed) for number in (1, 2)}
    seconds = pace[phase]
    phase_eta = None if seconds is None else max(phase_end - step, 0) * seconds
    after = training.total_steps - phase_end
    eta: float | None
    if after <= 0:
        eta = phase_eta
    elif phase_eta is None or pace[2] is None:
        eta = None
    else:
        eta = phase_eta + after * pace[2]
    return Progress(
        step=step,
        total_steps=training.total_steps,
        phase=phase,
        phase_end_step=phase_end,
        epoch=spec.step_length.epochs(step),
        steps_per_epoch=spec.data.steps_per_epoch,
        seconds_per_step=seconds,
        phase_eta_s=phase_eta,
        eta_s=eta,
        transitions=changes,
        phase_2_seconds_per_step=pace[2],
        data_share=data_share(steps, phase),
        step_length=spec.step_length,
    )
