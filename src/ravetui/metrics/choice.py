"""Which embedder a score is made with when nobody said so: light, since the screen asks too."""

from ravetui.metrics.clap.weights import has_weights

AUTO = "auto"


def chosen_embedder(name: str) -> str:
    """The embedder's name; ``auto`` is ``clap`` where its weights are, else ``mel``."""
    if name != AUTO:
        return name
    return "clap" if has_weights() else "mel"
