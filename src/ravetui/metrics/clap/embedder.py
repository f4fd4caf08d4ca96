"""The embedder ``clap``: LAION's CLAP, audio half, as the field's scores use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from ravetui.errors import ScoreError
from ravetui.metrics.catalogue import EMBEDDERS
from ravetui.metrics.clap.layout import DIMENSIONS
from ravetui.metrics.clap.weights import damaged, find_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FULL_SCALE = 32767


class ClapEmbedder:
    """512 dimensions of unit length for ten seconds of audio at 48 kHz.

    Audio is prepared as by laion-clap's ``get_audio_embedding_from_filelist``: through 16 bits and back, a shorter clip
    repeated as often as it fits whole and followed by zeros. A longer one is cut into windows, where laion-clap takes
    ten seconds from a random place.

    Raises:
        ScoreError: Its weights are not there; it says how to get them.
    """

    name = "clap"
    label = EMBEDDERS["clap"].label
    sampling_rate = 48000
    window = 480000
    dimensions = DIMENSIONS
    padding: Literal["wrap", "zeros"] = "zeros"
    attributes: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._weights = find_weights()
        self.version = self._weights.version
        self._network: Callable[[NDArray[np.float32]], NDArray[np.float32]] | None = None

    def embed(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embed ten-second windows of mono audio.

        Args:
            windows: Audio in ±1, (n, 480000).

        Returns:
            Vectors of length 1, (n, 512).

        Raises:
            ScoreError: The weights are damaged, or transformers is not installed.
        """
        if self._network is None:
            self._network = self._load()
        return self._network(quantised(windows))

    def _load(self) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
        """The network on the device there is, as a function of numpy arrays."""
        import torch

        try:
            from ravetui.metrics.clap.network import load_network
            from ravetui.metrics.clap.running import run_on_cpu, run_on_gpu
        except ModuleNotFoundError as error:
            raise ScoreError(
                "Light install", f"The embedder clap needs {error.name}.", "`pip install 'ravetui[score]'` adds it."
            ) from None
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        try:
            network = load_network(self._weights.path, device)
        except Exception as error:
            raise damaged(self._weights.path, str(error).splitlines()[0]) from None
        if device.type == "cpu":
            return lambda windows: run_on_cpu(network, windows)
        return lambda windows: run_on_gpu(network, windows, device)


def quantised(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Audio clipped to ±1, through 16-bit integers and back, cut towards zero as laion-clap cuts it."""
    import numpy as np

    scale = np.float32(FULL_SCALE)
    steps = (np.clip(audio, -1, 1) * scale).astype(np.int16)
    return (steps / scale).astype(np.float32)
