"""How the convolutions of a discriminator are parametrised."""

from torch import nn
from torch.nn.utils import parametrizations

from ravetui.engine.model.blocks import weight_norm


def normed_layer(convolution: nn.Module, norm: str) -> nn.Module:
    """A convolution with ``ModelSpec.discriminator_norm``: ``weight`` or ``spectral``.

    Spectral normalisation divides the weight, a matrix (out_channels, everything else), by its largest singular value
    (Miyato et al., arXiv 1802.05957); one power iteration at each use in training keeps up with it, and its vectors are
    buffers of the module.
    """
    if norm == "weight":
        return weight_norm(convolution)
    normed: nn.Module = parametrizations.spectral_norm(convolution)
    return normed


def plain_layer(convolution: nn.Module, norm: str) -> nn.Module:
    """The same for a convolution that is published without weight normalisation: only ``spectral`` touches it."""
    return convolution if norm == "weight" else normed_layer(convolution, norm)
