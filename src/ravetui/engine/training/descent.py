"""From a loss to new weights: differentiate, average over the ranks, limit the gradient, step, average over the steps.

Several ranks average their gradients here, between the backward pass and the optimiser's step, not through
``DistributedDataParallel``: that wraps one network's ``forward``, and a step of ours calls parts of one network or of
two, with the other frozen, a different set in each kind of step. All it would win is that the average overlaps with the
backward pass.

A batch norm (v1's encoder) normalises by its own rank's crops, as the reference's does under several GPUs; its running
statistics are averaged, so that all ranks validate and save the same ones. ``SyncBatchNorm`` exists for CUDA alone, and
a run must be the same run on a CPU.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from ravetui.engine.training.state import TrainingState


def descend(state: TrainingState, optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    """Differentiate ``loss``, average over the ranks, and let ``optimizer``, one of the state's, make its step.

    Raises:
        LostRankError: Another rank is gone.
    """
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    parameters = (parameter for group in optimizer.param_groups for parameter in group["params"])
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    state.ranks.average([*gradients, *_statistics(state.rave)])
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


def _statistics(network: nn.Module) -> Iterator[Tensor]:
    """Running statistics of the batch norms that are in training; those of a frozen encoder are the same everywhere."""
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) and module.training:
            assert module.running_mean is not None
            assert module.running_var is not None
            yield from (module.running_mean, module.running_var)
