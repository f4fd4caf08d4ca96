"""What turns a window of sound into a point, so that sets of sounds can be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Embedder(Protocol):
    """What an embedder must have; a class with these members is one, wherever it comes from.

    A pure function from fixed windows of mono audio to vectors.

    The same window gives the same vector in every batch and every process, up to rounding, so that vectors can be
    stored and scores of different days compared. Making one is cheap: weights and heavy libraries are loaded by the
    first call of `embed`, which never comes where every vector is in the cache.
    """

    @property
    def name(self) -> str:
        """Its key in the catalogue and in stored scores."""

    @property
    def label(self) -> str:
        """What the screen shows."""

    @property
    def version(self) -> str:
        """Changes whenever the vectors do; scores of different versions are not comparable."""

    @property
    def sampling_rate(self) -> int:
        """Rate of the audio it takes, Hz."""

    @property
    def dimensions(self) -> int:
        """Length of its vectors."""

    @property
    def window(self) -> int:
        """Samples it looks at for one vector; also the hop between windows of a clip."""

    @property
    def padding(self) -> Literal["wrap", "zeros"]:
        """How a clip shorter than a window is made to fill it.

        ``wrap`` repeats it until it does; ``zeros`` repeats it as often as it fits whole and ends with silence.
        """

    @property
    def attributes(self) -> tuple[str, ...]:
        """What each dimension is, where a person can read it: a score then shows the means. Else empty."""

    def embed(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Embed windows of mono audio.

        Args:
            windows: Audio in ±1, (n, window).

        Returns:
            One vector a window, (n, dimensions).
        """
