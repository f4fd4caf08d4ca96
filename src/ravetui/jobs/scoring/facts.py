"""What was heard of a clip once: kept with the score, so that scoring again need not hear it again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ravetui.errors import ScoreError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ravetui.metrics.sound_check import ClipSound


@dataclass(frozen=True)
class ClipFacts:
    """One clip."""

    loudness_db: float | None
    """None for digital silence."""
    clipped: float
    bandwidth_hz: float
    cliff: bool
    spectral_distance: float | None = None
    """From its original; None where it has none, or that is silent or too short."""

    @property
    def sound(self) -> ClipSound:
        """As the sound check takes it."""
        from ravetui.metrics.sound_check import ClipSound

        loudness = -math.inf if self.loudness_db is None else self.loudness_db
        return ClipSound(loudness, self.clipped, self.bandwidth_hz, self.cliff)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def facts_of(clip: NDArray[np.floating], sampling_rate: int, original: NDArray[np.floating] | None = None) -> ClipFacts:
    """Hear a clip, (samples,), and how far it is from its original."""
    # Here, so that a score that was made before is found without numpy.
    from ravetui.metrics.reconstruction import spectral_distance
    from ravetui.metrics.sound_check import listen

    heard = listen(clip, sampling_rate)
    loudness = heard.loudness_db if math.isfinite(heard.loudness_db) else None
    distance = None
    if original is not None:
        try:
            distance = spectral_distance(clip, original)
        except ScoreError:
            distance = None
    finite = distance is not None and math.isfinite(distance)
    return ClipFacts(loudness, heard.clipped, heard.bandwidth_hz, heard.cliff, distance if finite else None)


def known_facts(documents: Iterable[Mapping[str, Any]]) -> dict[str, ClipFacts]:
    """What earlier scores say of clips, by key; what is damaged is left out."""
    found: dict[str, ClipFacts] = {}
    for document in documents:
        clips = document.get("clips")
        for key, facts in clips.items() if isinstance(clips, dict) else ():
            try:
                found[key] = ClipFacts(**facts)
            except TypeError:
                continue
    return found
