"""From a loss to new weights."""

import torch
from torch import Tensor

from ravetui.engine.training.state import TrainingState


def descend(state: TrainingState, optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """Differentiate ``loss`` and let ``optimizer``, one of the state's, make its step."""
    del state
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
