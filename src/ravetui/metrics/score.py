"""Judge a set of sounds against a reference set: every number with its uncertainty, none of them NaN."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ravetui.errors import ScoreError
from ravetui.metrics.blocks import file_blocks, need_files
from ravetui.metrics.diversity import (
    distance_estimate,
    distance_ratio,
    distance_ratio_estimate,
    matched,
    mean_distance,
    vendi,
    vendi_estimate,
    vendi_ratio,
    vendi_ratio_estimate,
)
from ravetui.metrics.embeddings import EmbeddingSet
from ravetui.metrics.fad import effective_rank, fad, fad_estimates
from ravetui.metrics.interval import Estimate
from ravetui.metrics.kid import SCALE, kid, kid_estimate

SEED = 2020
"""Of every resample and subsample: the same sets give the same score."""
FILES_A_DIMENSION = 2
"""Files for each effective dimension from which on the corrected FAD of equal distributions measured as 0."""


@dataclass(frozen=True)
class Measure:
    """One metric of one set."""

    value: float | None
    low: float | None = None
    """Lower end of the 95 % interval."""
    high: float | None = None
    """Upper end of the 95 % interval."""
    se: float | None = None
    """Standard error."""
    real: tuple[float, float] | None = None
    """For a distance: the 95 % interval of one half of the reference against the other; inside it, as good as real."""
    reason: str = ""
    """Why something above is missing, in one sentence."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON; what is missing is null."""
        return {**asdict(self), "real": None if self.real is None else list(self.real)}


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


def judge(generated: EmbeddingSet, reference: EmbeddingSet, progress: Callable[[float], None]) -> dict[str, Measure]:
    """Compute every metric of the catalogue.

    What cannot be computed, for want of windows or files, is a measure without value or interval that says why.

    Args:
        generated: What is judged.
        reference: What it should be like, of the same embedder.
        progress: Told the fraction that is done.

    Returns:
        Measures by their names in the catalogue; deterministic.

    Raises:
        ScoreError: The sets are not of the same embedder.
    """
    if generated.values.shape[1] != reference.values.shape[1]:
        raise ScoreError(
            "Score",
            f"Embeddings of {generated.values.shape[1]} and {reference.values.shape[1]} dimensions cannot be compared.",
            "Embed both sets with the same embedder.",
        )
    distances = _distances(generated, reference)
    progress(0.45)
    distances = _with_real(distances, reference)
    progress(0.9)
    measures = {**distances, **_diversity(generated, reference)}
    progress(1.0)
    return measures


def _distances(generated: EmbeddingSet, reference: EmbeddingSet) -> dict[str, Measure]:
    """FAD, corrected FAD and KID of two sets."""
    x, y, files, reference_files = generated.values, reference.values, generated.files, reference.files
    try:
        plain, corrected = map(_measure, fad_estimates(x, y, files, reference_files=reference_files))
        if short := _short_of_files(generated) or _short_of_files(reference):
            corrected = Measure(corrected.value, reason=short)
    except ScoreError as error:
        plain, corrected = _value(lambda: fad(x, y), error.message), Measure(None, reason=error.message)
    return {
        "fad": plain,
        "fad_corrected": corrected,
        "kid": _estimated(lambda: kid_estimate(x, y, files, reference_files, SEED), lambda: kid(x, y), SCALE),
    }


def _short_of_files(sounds: EmbeddingSet) -> str:
    """Why the jackknife leaves bias in the FAD of this set, or nothing."""
    rank = effective_rank(sounds.values)
    if sounds.n_files >= FILES_A_DIMENSION * rank:
        return ""
    return f"{sounds.n_files} files spread over {rank:.1f} dimensions are too few to take out all bias: it is too high."


def _with_real(distances: dict[str, Measure], reference: EmbeddingSet) -> dict[str, Measure]:
    """Add what one half of the reference's files gets against the other half.

    Plain FAD depends on the number of windows, and a half has fewer: its band is the corrected one, moved up by the
    bias of the sets that were scored.
    """
    names, file_of = np.unique(reference.files, return_inverse=True)
    shuffled = np.random.default_rng(SEED).permutation(len(names))[file_of]
    first = file_blocks(shuffled, 2) == 0
    halves = reference.take(first), reference.take(~first)
    try:
        need_files(halves[0].files)
        need_files(halves[1].files)
    except ScoreError:
        return distances
    real = {name: _band(measure) for name, measure in _distances(*halves).items()}
    plain, corrected, band = distances["fad"].value, distances["fad_corrected"].value, real["fad_corrected"]
    if plain is not None and corrected is not None and band is not None:
        real["fad"] = (band[0] + plain - corrected, band[1] + plain - corrected)
    else:
        real["fad"] = None
    return {name: replace(measure, real=real[name]) for name, measure in distances.items()}


def _diversity(generated: EmbeddingSet, reference: EmbeddingSet) -> dict[str, Measure]:
    """Vendi score and mean distance of a set, and their quotients with a part of the reference of the same size."""
    n, n_files = min(len(generated), len(reference)), min(generated.n_files, reference.n_files)
    above, below = matched(generated, n, n_files, SEED), matched(reference, n, n_files, SEED)
    x = generated.values
    return {
        "vendi": _estimated(lambda: vendi_estimate(generated), lambda: vendi(x)),
        "vendi_ratio": _estimated(
            lambda: vendi_ratio_estimate(above, below), lambda: vendi_ratio(above.values, below.values)
        ),
        "mean_distance": _estimated(
            lambda: distance_estimate(generated, SEED), lambda: mean_distance(x, generated.files)
        ),
        "distance_ratio": _estimated(
            lambda: distance_ratio_estimate(above, below, SEED), lambda: distance_ratio(above, below)
        ),
    }


def _estimated(estimate: Callable[[], Estimate], value: Callable[[], float], scale: float = 1.0) -> Measure:
    """The estimate; where its uncertainty cannot be told, the value alone; where that cannot either, neither."""
    try:
        return _measure(estimate(), scale)
    except ScoreError as error:
        return _value(lambda: scale * value(), error.message)


def _value(value: Callable[[], float], reason: str) -> Measure:
    """The value alone, and why it has no interval; or neither, and why."""
    try:
        return Measure(value(), reason=reason)
    except ScoreError as error:
        return Measure(None, reason=error.message)


def _measure(estimate: Estimate, scale: float = 1.0) -> Measure:
    value, low, high, se = (scale * number for number in (estimate.value, estimate.low, estimate.high, estimate.se))
    if not all(map(math.isfinite, (value, low, high, se))):
        return Measure(None, reason="The computation left the range of numbers.")
    return Measure(value, low, high, se)


def _band(measure: Measure) -> tuple[float, float] | None:
    return None if measure.low is None or measure.high is None else (measure.low, measure.high)
