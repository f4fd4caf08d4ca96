"""Embedders by name."""

from ravetui.metrics.choice import chosen_embedder
from ravetui.metrics.clap.embedder import ClapEmbedder
from ravetui.metrics.embedder import Embedder
from ravetui.metrics.mel import MelEmbedder
from ravetui.metrics.plugins import load_plugin
from ravetui.metrics.timbre.embedder import TimbreEmbedder


def make_embedder(name: str, sampling_rate: int) -> Embedder:
    """The embedder of that name for audio of that rate in Hz.

    Raises:
        ScoreError: There is none, its weights are not there, or it is broken.
    """
    name = chosen_embedder(name)
    if name == "mel":
        return MelEmbedder(sampling_rate)
    if name == "clap":
        return ClapEmbedder()
    if name == "timbre":
        return TimbreEmbedder()
    return load_plugin(name, sampling_rate)
