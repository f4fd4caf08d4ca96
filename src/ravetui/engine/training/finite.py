"""Whether everything training has computed is a number, and if not, where it ceased to be one."""

import math
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from ravetui.engine.training.state import TrainingState
from ravetui.engine.training.update import Values
from ravetui.errors import RunError


class NotFiniteError(RunError):
    """A tensor holds NaN or infinity.

    Args:
        tensor: Its name.
        step: The step at which it was found.
    """

    def __init__(self, tensor: str, step: int) -> None:
        super().__init__("Not finite", f"{tensor} became NaN or infinite at step {step}.", "")
        self.tensor = tensor


def check_step(state: TrainingState, batch: Tensor, values: Values) -> None:
    """Look at a step that has just been made: at its data, then its losses, then its gradients.

    Raises:
        NotFiniteError: One of them is not finite; it is the first in the order in which they were computed.
    """
    columns = {name: value for row in values.values() for name, value in row.items()}
    losses = [name for name, value in columns.items() if not math.isfinite(value)]
    if losses and not bool(torch.isfinite(batch).all()):
        raise NotFiniteError("the batch", state.step)
    if losses:
        # The sum comes first in its row, but it is its parts that made it so.
        raise NotFiniteError(next((name for name in losses if name != "loss"), "loss"), state.step)
    _check(dict(_gradients(state)), state.step)


def check_state(state: TrainingState) -> None:
    """Look at everything a checkpoint would keep.

    Raises:
        NotFiniteError: A weight, a statistic or a moment is not finite.
    """
    _check(dict(_kept(state)), state.step)


def _check(tensors: Mapping[str, Tensor], step: int) -> None:
    # One number for all costs a hundredth of a step; each by itself is only looked at when that number is not finite,
    # and may all be finite then: a sum of squares overflows long before what it is of.
    if not tensors or math.isfinite(float(torch.nn.utils.get_total_norm(tensors.values()))):
        return
    for name, tensor in tensors.items():
        if not bool(torch.isfinite(tensor).all()):
            raise NotFiniteError(name, step)


def _gradients(state: TrainingState) -> Iterator[tuple[str, Tensor]]:
    for network in ("rave", "discriminator"):
        for name, parameter in getattr(state, network).named_parameters():
            if parameter.grad is not None:
                yield f"the gradient of {network}.{name}", parameter.grad


def _kept(state: TrainingState) -> Iterator[tuple[str, Tensor]]:
    for network in ("rave", "discriminator"):
        for name, tensor in getattr(state, network).state_dict().items():
            if tensor.is_floating_point():
                yield f"{network}.{name}", tensor
    if state.average is not None:
        for name, tensor in state.average.rave.state_dict().items():
            if tensor.is_floating_point():
                yield f"the average of rave.{name}", tensor
    for optimizer in ("optimizer", "discriminator_optimizer"):
        for number, moments in getattr(state, optimizer).state_dict()["state"].items():
            for name, tensor in moments.items():
                yield f"{name} of parameter {number} in {optimizer}", tensor
