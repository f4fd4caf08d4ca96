"""The embedder ``timbre``: seven attributes that have names, each from 0 to 100."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ravetui.metrics.catalogue import EMBEDDERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 44100
SECONDS = 4


class TimbreEmbedder:
    """Hardness, depth, brightness, roughness, warmth, sharpness and boominess of four seconds of audio at 44.1 kHz.

    The models of the AudioCommons project (Pearce, Brookes & Mason 2017 and 2019, deliverables D5.2 and D5.8): linear
    regressions of what listeners said on features of the sound, clipped to 0 … 100. Written from their definitions.
    Gain does not matter, since each window is first brought to -24 LUFS. Below -70 LUFS all attributes are 0.
    """

    name = "timbre"
    label = EMBEDDERS["timbre"].label
    version = "1"
    sampling_rate = RATE
    window = SECONDS * RATE
    padding: Literal["wrap", "zeros"] = "wrap"
    attributes: tuple[str, ...] = ("hardness", "depth", "brightness", "roughness", "warmth", "sharpness", "boominess")
    dimensions = len(attributes)

    def embed(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Measure windows of mono audio.

        Args:
            windows: Audio in ±1, (n, 176400).

        Returns:
            The attributes in the order of their names, 0 to 100, (n, 7).
        """
        # numpy and scipy are loaded here, so that a score out of the cache does without.
        import numpy as np

        from ravetui.metrics.timbre.attributes import timbre

        made = [timbre(window.astype(np.float64), self.sampling_rate) for window in windows]
        return np.array(made, dtype=np.float32).reshape(len(windows), self.dimensions)
