"""Distance between two magnitude spectrograms, with its derivative in closed form."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def spectral_distance(target: Tensor, y: Tensor, log_epsilon: float, smallest_power: float) -> Tensor:
    """``mean((X - Y)^2) / mean(X^2) + mean |log(X + epsilon) - log(Y + epsilon)|``: the reference's, at one scale.

    One step of autograd instead of a dozen: on a CPU the distance of five scales and its gradient take 0.8 of the time,
    and no intermediate result outlives the call.

    Args:
        target: X, magnitudes of any shape; no gradient reaches it.
        y: Y, of the same shape.
        log_epsilon: Added to magnitudes before the logarithm.
        smallest_power: Least value of ``mean(X^2)``.

    Returns:
        A scalar.

    Raises:
        ValueError: ``target`` asks for a gradient.
    """
    if target.requires_grad:
        raise ValueError(
            "the target of a spectral distance gets no gradient: compute its spectra under torch.no_grad()"
        )
    return _Distance.apply(target, y, log_epsilon, smallest_power)  # type: ignore[no-any-return, no-untyped-call]


class _Distance(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, target: Tensor, y: Tensor, log_epsilon: float, smallest_power: float) -> Tensor:
        power = target.square().mean().clamp_min(smallest_power)
        relative = (target - y).square_().mean() / power
        logarithmic = ((target + log_epsilon).log_() - (y + log_epsilon).log_()).abs_().mean()
        ctx.save_for_backward(target, y, power)
        ctx.log_epsilon = log_epsilon
        return relative + logarithmic

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[None, Tensor, None, None]:
        target, y, power = ctx.saved_tensors
        difference = y - target
        # The logarithm rises, so the sign of the logarithms' difference is that of the difference.
        derivative = difference.sign().div_(y + ctx.log_epsilon)
        derivative.add_(difference.mul_(2 / power)).mul_(grad / difference.numel())
        return None, derivative, None, None
