"""One sound of a set that is scored: what embeds it, where it comes from, and how it can be heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ravetui.metrics.sound import Sound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Audio = NDArray[np.float32]


@dataclass(frozen=True)
class Item:
    """One clip."""

    name: str
    sound: Sound
    key: bytes
    """Of the sound, see :class:`~ravetui.metrics.sound.Sound`."""
    frames: int
    rate: int
    """Of its frames, Hz."""
    contents: frozenset[str]
    """xxh3_128 of the source files that it was cut from."""
    audio: Callable[[], Audio]
    """All channels of it, (channels, frames)."""
    path: Path | None = None
    """The file in which it can be heard; None: it is in none yet."""
    start: float = 0.0
    """Where it begins in that file, seconds."""
    parts: tuple[str, ...] = ()
    """What tells it from every other clip: what is made of it is named by them."""

    @property
    def hex(self) -> str:
        """The key as it is stored."""
        return self.key.hex()


def mono(audio: Audio) -> Audio:
    """(channels, samples) folded to (samples,)."""
    import numpy as np

    folded: Audio = audio.mean(axis=0, dtype=np.float32)
    return folded
