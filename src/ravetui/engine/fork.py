"""A run that goes on from a checkpoint of another one: same weights, another schedule or other knobs."""

import dataclasses
import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ravetui.engine.boundaries import Origin, moved
from ravetui.engine.create import new_spec, publish_run, warn
from ravetui.engine.data.index import DatasetIndex, read_index
from ravetui.engine.data.same import check_same
from ravetui.engine.departures import differing
from ravetui.engine.plan import Plan, apply, schedule
from ravetui.engine.presets import Preset
from ravetui.errors import CheckpointError, RunError
from ravetui.runs import checkpoints
from ravetui.runs.checkpoints import Checkpoint
from ravetui.runs.events import append_event, read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.format import steps, typed
from ravetui.runs.publishing import publish
from ravetui.runs.spec import ParentRef, RunSpec, read_spec
from ravetui.runs.workspace import Workspace

_NO_LINK = (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOSYS)
"""What a filesystem answers that cannot give a file a second name here."""


@dataclass(frozen=True)
class Fork:
    """What a fork will be, before it exists."""

    parent: RunFolder
    spec: RunSpec
    """The parent's."""
    checkpoint: Checkpoint
    """The one of the parent that it begins with."""
    plan: Plan
    changed: dict[str, tuple[Any, Any]]
    """Setting to its value in the parent and in the fork."""

    @property
    def moved(self) -> list[str]:
        """A sentence for each boundary that is at another step than in the parent."""
        return moved(self.spec.training, self.plan.training, self.plan.lengths)


def plan_fork(
    parent: RunFolder, step: str | None, changes: dict[str, str], *, index: DatasetIndex | None = None
) -> Fork:
    """Resolve typed changes against a run and its dataset.

    Args:
        step: See :func:`ravetui.runs.checkpoints.find_checkpoint`.
        changes: Like those of :func:`ravetui.engine.plan.make_plan`, but for ``preset``. A ``phase_1`` that is over at
            the checkpoint makes the fork go adversarial at once.
        index: The dataset's, for who asks often; read if not given.

    Raises:
        RunError: A change cannot be carried over: each is named. Or the run cannot be read.
        CheckpointError: There is no such checkpoint.
        DataError: The dataset is gone, is another one, or is too small for the plan.
        ConfigError: A setting is unknown or out of range.
    """
    spec = read_spec(parent.spec_path)
    checkpoint = checkpoints.find_checkpoint(parent, step)
    base = Preset(spec.preset, "", spec.model, spec.loss, spec.training, spec.augment)
    wanted = apply(base, changes)
    lost = [
        f"{name} = {typed(new)}, but its weights have {typed(old)}"
        for name, (old, new) in differing(spec.model, wanted.model).items()
    ]
    _refuse(parent, checkpoint, lost)
    index = index or read_index(Path(spec.data.path))
    check_same(spec, index)
    plan = schedule(index, wanted, changes, Origin(checkpoint.step, checkpoint.phase, spec.lengths, spec.step_length))
    training = plan.training
    if checkpoint.phase > 1 and training.phase_1_steps != spec.training.phase_1_steps:
        lost.append(f"phase_1 = {steps(training.phase_1_steps)} steps, but it is in phase 2 already")
    _refuse(parent, checkpoint, lost)
    if training.total_steps <= checkpoint.step:
        raise RunError(
            "Nothing left to train",
            f"total = {steps(training.total_steps)} steps are done at step {steps(checkpoint.step)} already.",
            "Choose a larger total.",
        )
    changed = {
        **differing(spec.loss, plan.loss),
        **differing(spec.training, training),
        **differing(spec.augment, plan.augment),
    }
    return Fork(parent, spec, checkpoint, plan, changed)


def fork_run(workspace: Workspace, name: str, fork: Fork) -> RunFolder:
    """Publish the folder of a fork; nothing of its parent is changed.

    Raises:
        RunError: The name is taken or not usable.
        CheckpointError: The checkpoint is damaged or has been deleted meanwhile.
    """
    parent, plan, checkpoint = fork.spec, fork.plan, fork.checkpoint
    data = dataclasses.replace(parent.data, steps_per_epoch=plan.steps_per_epoch)
    step = checkpoint.step
    done = ParentRef(fork.parent.name, parent.id, step, plan.step.epochs(step), 3600 * plan.step.hours(step))
    spec = new_spec(name, plan, data, done)

    def fill(run: RunFolder) -> None:
        _carry_over(run, spec.id, checkpoint)
        append_event(run.events, "created", preset=plan.preset, data=parent.data.name, fork_of=fork.parent.name)
        warn(run, plan)
        # What its parent left out on the way to the checkpoint shifts the data of every later step, and another way to
        # compute would round otherwise.
        for event in read_events(fork.parent.events):
            if event.kind in ("skipped", "computing") and event.fields["step"] <= checkpoint.step:
                append_event(run.events, event.kind, **event.fields)
        if checkpoint.phase > 1:
            began = checkpoint.trainer["phase_2_step"]
            append_event(
                run.events,
                "phase",
                phase=checkpoint.phase,
                step=began,
                asked=False,
                reason=f"before {fork.parent.name} was forked",
            )

    return publish_run(workspace, spec, fill)


def _carry_over(run: RunFolder, run_id: str, checkpoint: Checkpoint) -> None:
    """Publish the checkpoint in another run's folder, and see that every byte has come along."""
    try:
        made = publish(
            run,
            checkpoint.step,
            {name: _linker(checkpoint.path / name) for name in checkpoint.files},
            phase=checkpoint.phase,
            attempt=0,
            validation=checkpoint.validation,
            trainer={**checkpoint.trainer, "run_id": run_id},
        )
    except FileNotFoundError:
        raise CheckpointError(
            "No such checkpoint", f"{checkpoint.path} has been deleted meanwhile.", "Choose another step."
        ) from None
    if made.files != checkpoint.files:
        checkpoints.verify(checkpoint)
        raise CheckpointError("Damaged copy", f"A file of {checkpoint.path} changed while it was copied.", "Try again.")


def _linker(source: Path) -> Callable[[Path], None]:
    """Gives a published file, which is never written again, a second name; copies it where that cannot be."""

    def link(path: Path) -> None:
        try:
            os.link(source, path)
        except OSError as error:
            if error.errno not in _NO_LINK:
                raise
            shutil.copyfile(source, path)

    return link


def _refuse(parent: RunFolder, checkpoint: Checkpoint, lost: list[str]) -> None:
    if lost:
        raise RunError(
            "Cannot be carried over",
            f"Step {steps(checkpoint.step)} of {parent.name} cannot go on with {'; '.join(lost)}.",
            "Leave that as it is, or make a new run.",
        )
