"""Where an attempt begins, and begins again when its numbers were lost: the newest good checkpoint."""

from collections.abc import Callable

from ravetui.engine.checkpoint import restore
from ravetui.engine.training.agreement import check_agreement
from ravetui.engine.training.state import TrainingState, build_state
from ravetui.errors import CheckpointError
from ravetui.runs import checkpoints
from ravetui.runs.checkpoints import Checkpoint
from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder


def load_newest(
    run: RunFolder, state: TrainingState, rejected: Callable[[Checkpoint, CheckpointError], None]
) -> Checkpoint | None:
    """Put the newest good checkpoint into ``state``; without one, what the seed gives.

    Every rank reads it, and all compare what they have then.

    Args:
        rejected: Told of every damaged one that was passed over.

    Returns:
        The checkpoint, or None at step 0.

    Raises:
        CheckpointError: All are damaged, or those of a fork are gone: nobody starts at step 0 by accident.
        RunError: Another rank has something else.
    """
    found = checkpoints.newest_good(run, rejected)
    # Gradients of what has been lost must not be taken for those of the next step.
    state.optimizer.zero_grad(set_to_none=True)
    state.discriminator_optimizer.zero_grad(set_to_none=True)
    parent = state.spec.parent
    if found is not None:
        restore(state, found)
    elif parent is not None:
        raise CheckpointError(
            "No checkpoint",
            f"{run.name} began with step {parent.step} of {parent.run}, and none of its checkpoints is there any more.",
            f"Fork {parent.run} again.",
        )
    elif state.step:
        _begin_anew(state)
    check_agreement(state)
    return found


def skipped_windows(run: RunFolder) -> list[int]:
    """The windows of data that this run leaves out, by its events."""
    return [int(event.fields["window"]) for event in read_events(run.events) if event.kind == "skipped"]


def _begin_anew(state: TrainingState) -> None:
    fresh = build_state(state.spec, state.device)
    state.rave.load_state_dict(fresh.rave.state_dict())
    state.discriminator.load_state_dict(fresh.discriminator.state_dict())
    state.optimizer.load_state_dict(fresh.optimizer.state_dict())
    state.discriminator_optimizer.load_state_dict(fresh.discriminator_optimizer.state_dict())
    if state.average is not None:
        state.average.rave.load_state_dict(fresh.rave.state_dict())
    state.step, state.phase_2_step = 0, None
    state.enter_training()
