"""Two scores that lie on disk, compared in pairs out of the cache of embeddings: nothing is rendered or embedded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import NotInCacheError, ScoreError
from ravetui.metrics import kid
from ravetui.metrics.cache import EmbeddingCache
from ravetui.metrics.embeddings import EmbeddingSet
from ravetui.metrics.judge import SEED
from ravetui.metrics.means import mean_estimate
from ravetui.metrics.paired import Difference, fad_difference, kid_difference
from ravetui.metrics.reconstruction import paired_windows

_AGAIN = "Score both again with the same settings."


@dataclass(frozen=True)
class StoredEmbedder:
    """What the cache asks of an embedder, as a score remembers it; it embeds nothing."""

    name: str
    version: str
    sampling_rate: int
    window: int
    padding: Literal["wrap", "zeros"]
    dimensions: int
    label: str = ""
    attributes: tuple[str, ...] = ()

    def embed(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Only what is in the cache can be had."""
        raise ScoreError("Score", f"The embeddings of {self.name} are not in the cache any more.", _AGAIN)


@dataclass(frozen=True)
class Comparison:
    """How a later checkpoint differs from an earlier one on the inputs that both were given."""

    differences: Mapping[str, Difference]
    """By the names of metrics that should be low."""
    n_files: int
    """Inputs that both were given."""

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        metrics = {
            name: {
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "p": one.p,
                "verdict": one.verdict,
                "clips_needed": one.clips_needed,
                "sentence": one.sentence,
            }
            for name, one in self.differences.items()
        }
        return {"n": self.n_files, "metrics": metrics}


def compare_scores(before: Mapping[str, Any], after: Mapping[str, Any], cache: EmbeddingCache) -> Comparison:
    """Compare two scores in pairs.

    Args:
        before: The document of one score.
        after: Of the other, judged against the first.
        cache: Where their embeddings are.

    Raises:
        NotInCacheError: An embedding has left the cache.
        ScoreError: They are of different embedders or references, or have fewer than four inputs in common.
    """
    embedder = _embedder(before)
    if embedder != _embedder(after):
        raise ScoreError("Not comparable", "The two scores were made with different embedders.", _AGAIN)
    if before["sounds"]["reference"] != after["sounds"]["reference"]:
        raise ScoreError("Not comparable", "The two scores were made against different references.", _AGAIN)
    places = {key: place for place, key in enumerate(before["sounds"]["originals"])}
    common = [(places[key], place) for place, key in enumerate(after["sounds"]["originals"]) if key in places]
    if len(common) < 4:
        raise ScoreError(
            "Not comparable", f"The two scores have {len(common)} clips in common, and it takes four.", _AGAIN
        )

    def found(keys: Sequence[str]) -> EmbeddingSet:
        return _find(embedder, keys, cache)

    first = found([before["sounds"]["scored"][place] for place, _ in common])
    second = found([after["sounds"]["scored"][place] for _, place in common])
    reference = found(before["sounds"]["reference"])
    originals = found([after["sounds"]["originals"][place] for _, place in common])
    closer = kid_difference(first, second, reference, SEED)
    scaled = replace(closer, value=kid.SCALE * closer.value, low=kid.SCALE * closer.low, high=kid.SCALE * closer.high)
    differences = {"kid": scaled, "fad": fad_difference(first, second, reference)}
    one, two = (paired_windows(part.values, originals.values).distance for part in (first, second))
    differences["paired_distance"] = _mean_difference(two - one, second.files)
    spectral = _spectral(before, after, common)
    if len(spectral) >= 4:
        differences["spectral_distance"] = _mean_difference(spectral, np.arange(len(spectral)))
    return Comparison(differences, len(common))


def _embedder(document: Mapping[str, Any]) -> StoredEmbedder:
    try:
        return StoredEmbedder(
            document["embedder"],
            document["embedder_version"],
            document["sampling_rate"],
            **document["embedding"],
        )
    except (KeyError, TypeError):
        sentence = "A score was made by an earlier version of ravetui, which did not keep what a comparison needs."
        raise ScoreError("Not comparable", sentence, _AGAIN) from None


def _find(embedder: StoredEmbedder, keys: Sequence[str], cache: EmbeddingCache) -> EmbeddingSet:
    found = cache.find(embedder, [bytes.fromhex(key) for key in keys])
    there = [vectors for vectors in found if vectors is not None]
    if len(there) < len(found):
        gone = f"{len(found) - len(there)} of {len(found)} embeddings are not in the cache any more."
        raise NotInCacheError("Not in the cache", gone, "Score both again; score.cache_mb says how much is kept.")
    files = np.repeat(np.arange(len(there)), [len(vectors) for vectors in there])
    return EmbeddingSet(np.concatenate(there).astype(np.float64), files)


def _mean_difference(values: NDArray[np.float64], files: NDArray[np.int64]) -> Difference:
    """The mean over inputs, with the interval of drawing these again.

    Raises:
        ScoreError: There are fewer than four.
    """
    estimate = mean_estimate(values, files, SEED)
    return Difference(estimate.value, estimate.low, estimate.high, None, len(np.unique(files)))


def _spectral(
    before: Mapping[str, Any], after: Mapping[str, Any], common: Sequence[tuple[int, int]]
) -> NDArray[np.float64]:
    """Differences of the inputs whose spectral distance both have."""

    def distance(document: Mapping[str, Any], place: int) -> float:
        value = document["clips"].get(document["sounds"]["scored"][place], {}).get("spectral_distance")
        return np.nan if value is None else float(value)

    pairs = np.array([(distance(before, one), distance(after, two)) for one, two in common])
    changes = pairs[:, 1] - pairs[:, 0]
    return np.asarray(changes[np.isfinite(changes)])
