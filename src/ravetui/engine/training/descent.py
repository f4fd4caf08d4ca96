"""From a loss to new weights: differentiate, limit the gradient, step, average."""

import torch
from torch import Tensor

from ravetui.engine.training.state import TrainingState


def descend(state: TrainingState, optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """Differentiate ``loss`` and let ``optimizer``, one of the state's, make its step."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    if limit := state.spec.training.gradient_clip:
        clip(optimizer, limit)
    optimizer.step()
    if state.average is not None and optimizer is state.optimizer:
        state.average.follow(state.rave, state.step + 1)


def clip(optimizer: torch.optim.Optimizer, limit: float) -> None:
    """Shorten the whole gradient of an optimiser's parameters, all together one vector, to a norm of ``limit``.

    Pascanu et al., arXiv 1211.5063. A gradient whose norm is not finite is left as it is: scaling it would make every
    tensor NaN, and the one in which it began could not be named.
    """
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    norm = torch.nn.utils.get_total_norm(parameter.grad for parameter in parameters if parameter.grad is not None)
    torch.nn.utils.clip_grads_with_norm_(parameters, limit, torch.where(norm.isfinite(), norm, 0.0))
