"""A score: the metrics of one set, and what they were measured with."""

from dataclasses import dataclass
from typing import Any

from ravetui.metrics.measure import Measure


@dataclass(frozen=True)
class Score:
    """The metrics of one set, and what they were measured with."""

    metrics: dict[str, Measure]
    """By their names in the catalogue."""
    n: int
    """Windows judged."""
    n_files: int
    """Files they came from."""
    reference_n: int
    """Windows of the reference."""
    reference_files: int
    """Files of the reference."""
    embedder: str
    """Name of the embedder."""
    embedder_version: str
    """Scores of different versions are not comparable."""
    sampling_rate: int
    """Of the audio that was embedded, Hz."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {**vars(self), "metrics": {name: measure.as_dict() for name, measure in self.metrics.items()}}
