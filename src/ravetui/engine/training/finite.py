"""Whether everything training has computed is a number, and if not, where it ceased to be one."""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from torch import Tensor

from ravetui.engine.checkpoint import MODEL
from ravetui.engine.training.host_copy import Tensors
from ravetui.engine.training.state import TrainingState
from ravetui.engine.training.update import Values
from ravetui.errors import RunError

_NAMES = {MODEL: "rave"}
"""What the tensors of a file are called where it is not the file's name."""


class NotFiniteError(RunError):
    """A tensor holds NaN or infinity.

    Args:
        tensor: Its name.
        step: The step at which it was found.
    """

    def __init__(self, tensor: str, step: int) -> None:
        super().__init__("Not finite", f"{tensor} became NaN or infinite at step {step}.", "")
        self.tensor = tensor
        self.step = step


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
    if not math.isfinite(state.gradient_norm):
        _name_first(_gradients(state), state.step)


def check_copy(copy: Tensors, step: int) -> None:
    """Look at everything a checkpoint of ``step`` would keep.

    Raises:
        NotFiniteError: A weight, a statistic or a moment is not finite.
    """
    tensors = {
        f"{_NAMES.get(file, Path(file).stem)}.{name}": tensor
        for file, named in copy.items()
        for name, tensor in named.items()
        if tensor.is_floating_point()
    }
    # One number for all costs a hundredth of a step; each by itself is only looked at when that number is not finite.
    if tensors and not math.isfinite(float(torch.nn.utils.get_total_norm(tensors.values()))):
        _name_first(tensors.items(), step)


def _name_first(tensors: Iterable[tuple[str, Tensor]], step: int) -> None:
    # All may be finite, though their norm is not: a sum of squares overflows long before what it is of.
    for name, tensor in tensors:
        if not bool(torch.isfinite(tensor).all()):
            raise NotFiniteError(name, step)


def _gradients(state: TrainingState) -> Iterator[tuple[str, Tensor]]:
    for network in ("rave", "discriminator"):
        for name, parameter in getattr(state, network).named_parameters():
            if parameter.grad is not None:
                yield f"the gradient of {network}.{name}", parameter.grad
