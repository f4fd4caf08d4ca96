"""Which discriminator a spec asks for."""

from collections.abc import Callable

from torch import nn

from ravetui.engine.model.descript_discriminator import DescriptDiscriminator
from ravetui.engine.model.discriminator import Discriminator
from ravetui.runs.model_spec import ModelSpec

DISCRIMINATORS: dict[str, Callable[[ModelSpec], nn.Module]] = {
    "rave": Discriminator,
    "descript": DescriptDiscriminator,
}


def build_discriminator(spec: ModelSpec) -> nn.Module:
    """A fresh one: audio (batch, channels, samples) to, for each of its networks, its features and last its score.

    Raises:
        ValueError: There is none of that name.
    """
    if spec.discriminator not in DISCRIMINATORS:
        raise ValueError(f"unknown discriminator {spec.discriminator!r}: {' or '.join(DISCRIMINATORS)}")
    return DISCRIMINATORS[spec.discriminator](spec)
