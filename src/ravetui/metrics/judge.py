"""Judge a set of sounds against a reference set: every number with its uncertainty, none of them NaN."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ravetui.errors import ScoreError
from ravetui.metrics import kad, kid
from ravetui.metrics.blocks import file_blocks, need_files
from ravetui.metrics.cores import one_thread
from ravetui.metrics.diversity import (
    distance_estimate,
    distance_ratio,
    distance_ratio_estimate,
    matched,
    mean_distance,
)
from ravetui.metrics.embeddings import EmbeddingSet
from ravetui.metrics.fad import effective_rank, fad, fad_estimates
from ravetui.metrics.gram import stream
from ravetui.metrics.interval import BLOCKS
from ravetui.metrics.kernel_sums import KernelSums
from ravetui.metrics.kid import mmd_estimate
from ravetui.metrics.means import mean_estimate
from ravetui.metrics.measure import Measure, alone, estimated, measured
from ravetui.metrics.memorisation import duplicates
from ravetui.metrics.neighbours import NEIGHBOURS, NeighbourSink
from ravetui.metrics.permutation import p_value
from ravetui.metrics.side import sides
from ravetui.metrics.vendi import vendi, vendi_estimate, vendi_ratio, vendi_ratio_estimate
from ravetui.metrics.witness import Witness, witness

SEED = 2020
"""Of every resample and subsample: the same sets give the same score."""
FILES_A_DIMENSION = 2
"""Files for each effective dimension from which on the corrected FAD of equal distributions measured as 0."""

NEIGHBOURLY = ("precision", "recall", "density", "coverage", "near_duplicates")
PAIRWISE = ("kid", "kad", *NEIGHBOURLY)
"""The metrics that are made from pairs of windows."""


@dataclass(frozen=True)
class Judgement:
    """What was found of a set."""

    measures: dict[str, Measure]
    """By their names in the catalogue."""
    witness: Witness
    """How much each window adds to the kernel distance."""
    bandwidth: float | None
    """Of KAD's kernel, from the reference; None where it has none."""


def judge(generated: EmbeddingSet, reference: EmbeddingSet, progress: Callable[[float], None]) -> Judgement:
    """Compute every metric of two sets in the catalogue.

    What cannot be computed, for want of windows or files, is a measure without value or interval that says why.

    Args:
        generated: What is judged.
        reference: What it should be like, of the same embedder.
        progress: Told the fraction that is done.

    Returns:
        Deterministic.

    Raises:
        ScoreError: The sets are not of the same embedder.
    """
    if generated.values.shape[1] != reference.values.shape[1]:
        raise ScoreError(
            "Score",
            f"Embeddings of {generated.values.shape[1]} and {reference.values.shape[1]} dimensions cannot be compared.",
            "Embed both sets with the same embedder.",
        )
    with one_thread():
        bandwidth, reason = _bandwidth(reference)
        found, seen = _pairwise(generated, reference, bandwidth, reason, lambda done: progress(0.3 * done))
        found |= _frechet(generated, reference)
        progress(0.5)
        found = _with_real(found, reference, bandwidth)
        progress(0.8)
        found |= _diversity(generated, reference)
        progress(1.0)
    return Judgement(found, seen, bandwidth)


def _bandwidth(reference: EmbeddingSet) -> tuple[float | None, str]:
    try:
        return kad.median_distance(reference.values), ""
    except ScoreError as error:
        return None, error.message


def _pairwise(
    generated: EmbeddingSet,
    reference: EmbeddingSet,
    bandwidth: float | None,
    reason: str,
    progress: Callable[[float], None] | None = None,
) -> tuple[dict[str, Measure], Witness]:
    """All that is made from pairs of windows, in one stream of their cosines."""
    try:
        x, y = sides(generated.values, reference.values, generated.files, reference.files, BLOCKS)
    except ScoreError as error:
        nothing = {name: Measure(None, reason=error.message) for name in PAIRWISE}
        return nothing, Witness(np.zeros(len(generated)), np.zeros(len(reference)))
    cubic = KernelSums(x, y, kid.cubic)
    gaussian = None if bandwidth is None else KernelSums(x, y, kad.gaussian_kernel(bandwidth))
    near = NeighbourSink(x, y)
    stream(x, y, [cubic, near, *([gaussian] if gaussian else [])], progress)
    found = {"kid": _discrepancy(generated, reference, cubic, kid.kid, kid.SCALE)}
    if gaussian is None or bandwidth is None:
        found["kad"] = Measure(None, reason=reason)
    else:
        found["kad"] = _discrepancy(generated, reference, gaussian, lambda a, b: kad.kad(a, b, bandwidth), kad.SCALE)
    return {**found, **_neighbours(generated, reference, near)}, witness(cubic)


def _discrepancy(
    generated: EmbeddingSet,
    reference: EmbeddingSet,
    sums: KernelSums,
    plain: Callable[..., float],
    scale: float,
) -> Measure:
    """A kernel distance with its interval and p-value; of too few files over all pairs and without."""
    try:
        need_files(generated.files)
        need_files(reference.files)
        return replace(measured(mmd_estimate(sums, SEED), scale), p=p_value(sums, SEED))
    except ScoreError as error:
        return alone(lambda: scale * plain(generated.values, reference.values), error.message)


def _neighbours(generated: EmbeddingSet, reference: EmbeddingSet, sink: NeighbourSink) -> dict[str, Measure]:
    """Precision, recall, density, coverage, and near-duplicates."""
    fewest = min(generated.n_files, reference.n_files)
    if fewest <= NEIGHBOURS:
        reason = f"It needs more than {NEIGHBOURS} files in both sets, not {fewest}."
        return {name: Measure(None, reason=reason) for name in NEIGHBOURLY}
    found = sink.found()
    mine, theirs = generated.files, reference.files
    values = {
        "precision": (found.precise, mine),
        "recall": (found.recalled, theirs),
        "density": (found.dense, mine),
        "coverage": (found.covered, theirs),
        "near_duplicates": (duplicates(*found.nearest), mine),
    }
    return {name: measured(mean_estimate(value, files, SEED)) for name, (value, files) in values.items()}


def _frechet(generated: EmbeddingSet, reference: EmbeddingSet) -> dict[str, Measure]:
    """FAD and corrected FAD of two sets."""
    x, y, files, reference_files = generated.values, reference.values, generated.files, reference.files
    try:
        plain, corrected = map(measured, fad_estimates(x, y, files, reference_files=reference_files))
        if short := _short_of_files(generated) or _short_of_files(reference):
            corrected = Measure(corrected.value, reason=short)
    except ScoreError as error:
        plain, corrected = alone(lambda: fad(x, y), error.message), Measure(None, reason=error.message)
    return {"fad": plain, "fad_corrected": corrected}


def _short_of_files(sounds: EmbeddingSet) -> str:
    """Why the jackknife leaves bias in the FAD of this set, or nothing."""
    rank = effective_rank(sounds.values)
    if sounds.n_files >= FILES_A_DIMENSION * rank:
        return ""
    return f"{sounds.n_files} files spread over {rank:.1f} dimensions are too few to take out all bias: it is too high."


def _with_real(found: dict[str, Measure], reference: EmbeddingSet, bandwidth: float | None) -> dict[str, Measure]:
    """Add to distances what one half of the reference's files gets against the other half.

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
        return found
    measures = {**_frechet(*halves), **_kernel_bands(*halves, bandwidth)}
    real = {name: measures[name].interval for name in ("fad_corrected", "kid", "kad")}
    plain, corrected, band = found["fad"].value, found["fad_corrected"].value, real["fad_corrected"]
    if plain is not None and corrected is not None and band is not None:
        real["fad"] = (band[0] + plain - corrected, band[1] + plain - corrected)
    return {name: replace(measure, real=real.get(name)) for name, measure in found.items()}


def _kernel_bands(x: EmbeddingSet, y: EmbeddingSet, bandwidth: float | None) -> dict[str, Measure]:
    """The kernel distances of two halves, with intervals and no more."""
    try:
        first, second = sides(x.values, y.values, x.files, y.files, BLOCKS)
    except ScoreError as error:
        return dict.fromkeys(("kid", "kad"), Measure(None, reason=error.message))
    kernels = {"kid": (KernelSums(first, second, kid.cubic), kid.SCALE)}
    if bandwidth is not None:
        kernels["kad"] = KernelSums(first, second, kad.gaussian_kernel(bandwidth)), kad.SCALE
    stream(first, second, [sums for sums, _ in kernels.values()])
    nothing = Measure(None)
    found = {name: _estimated_distance(sums, scale) for name, (sums, scale) in kernels.items()}
    return {"kid": nothing, "kad": nothing, **found}


def _estimated_distance(sums: KernelSums, scale: float) -> Measure:
    try:
        return measured(mmd_estimate(sums, SEED), scale)
    except ScoreError as error:
        return Measure(None, reason=error.message)


def _diversity(generated: EmbeddingSet, reference: EmbeddingSet) -> dict[str, Measure]:
    """Vendi score and mean distance of a set, and their quotients with a part of the reference of the same size."""
    n, n_files = min(len(generated), len(reference)), min(generated.n_files, reference.n_files)
    above, below = matched(generated, n, n_files, SEED), matched(reference, n, n_files, SEED)
    x = generated.values
    return {
        "vendi": estimated(lambda: vendi_estimate(generated), lambda: vendi(x)),
        "vendi_ratio": estimated(
            lambda: vendi_ratio_estimate(above, below), lambda: vendi_ratio(above.values, below.values)
        ),
        "mean_distance": estimated(
            lambda: distance_estimate(generated, SEED), lambda: mean_distance(x, generated.files)
        ),
        "distance_ratio": estimated(
            lambda: distance_ratio_estimate(above, below, SEED), lambda: distance_ratio(above, below)
        ),
    }
