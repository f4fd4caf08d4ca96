"""What makes the generator robust against small changes of the latent: dropout and jitter, in training only."""

import torch
from torch import Tensor
from torch.nn import functional as F

from ravetui.runs.training_spec import TrainingSpec


def perturbed(latent: Tensor, training: TrainingSpec) -> Tensor:
    """A latent (batch, latent_size, frames) with normal noise added, then with dimensions of crops left out.

    A dimension is zero for a whole crop, and what stays is ``1 / (1 - latent_dropout)`` as large (Srivastava et al.
    2014; Tompson et al., arXiv 1411.4280, for whole channels), so that the generator hears as much on average as in
    validation. Draws from torch's global random state, and nothing where there is nothing to draw.
    """
    if training.latent_jitter:
        latent = latent + training.latent_jitter * torch.randn_like(latent)
    if training.latent_dropout:
        latent = F.dropout1d(latent, training.latent_dropout)
    return latent
