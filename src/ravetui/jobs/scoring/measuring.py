"""A plan carried out: sounds to embeddings to numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ravetui.errors import ScoreError
from ravetui.jobs.scoring.facts import ClipFacts, facts_of
from ravetui.jobs.scoring.inputs import HEARD
from ravetui.jobs.scoring.item import Item, mono
from ravetui.jobs.scoring.plan import Plan
from ravetui.jobs.scoring.stages import Stages
from ravetui.metrics.compat import compat_measures
from ravetui.metrics.embed import embed_files
from ravetui.metrics.embeddings import EmbeddingSet
from ravetui.metrics.judge import SEED, Judgement, judge
from ravetui.metrics.measure import Measure, measured
from ravetui.metrics.memorisation import memorisation
from ravetui.metrics.reconstruction import paired_measures, paired_windows

_LEARNT = "The reference is training audio, so nothing tells how near unheard audio would be."


@dataclass(frozen=True)
class Measured:
    """All that was found."""

    judged: Judgement
    measures: dict[str, Measure]
    """By their names in the catalogue."""
    generated: EmbeddingSet
    reference: EmbeddingSet
    scored: list[ClipFacts]
    """Of what was scored, clip by clip."""
    against: list[ClipFacts]
    """Of the reference."""


def measure(plan: Plan, stages: Stages) -> Measured:
    """Embed what is not in the cache yet and compute every metric.

    Raises:
        CheckpointError: The checkpoint is damaged.
        ScoreError: A sound cannot be read or holds NaN.
    """

    def embedded(stage: str, items: Sequence[Item]) -> EmbeddingSet:
        return embed_files([item.sound for item in items], plan.embedder, plan.cache, stages.begin(stage))

    generated = embedded("scored", plan.scored)
    originals = embedded("originals", plan.originals)
    same = [item.key for item in plan.originals] == [item.key for item in plan.reference.items]
    reference = originals if same else embedded("reference", plan.reference.items)
    training = embedded("training", plan.training) if plan.training else None
    told = stages.begin("comparing")
    judged = judge(generated, reference, lambda done: told(0.9 * done))
    scored = [_scored_facts(plan, item) for item in plan.scored]
    against = [_facts(plan, item) for item in plan.reference.items]
    measures = {
        **judged.measures,
        "memorised": _memorised(generated, originals, training, _LEARNT if plan.inputs.is_held else HEARD),
        **_pairs(generated, originals, scored),
        **(compat_measures(generated.values, reference.values) if plan.request.compat else {}),
    }
    stages.end()
    return Measured(judged, measures, generated, reference, scored, against)


def _scored_facts(plan: Plan, item: Item) -> ClipFacts:
    """What is known of a reconstruction; one that only its embedding was kept of is made again."""
    found = plan.made.facts.get(item.hex) or plan.facts.get(item.hex)
    if found is None:
        item.sound.load()
        found = plan.made.facts[item.hex]
    return found


def _facts(plan: Plan, item: Item) -> ClipFacts:
    return plan.facts.get(item.hex) or facts_of(mono(item.audio()), item.rate)


def _memorised(generated: EmbeddingSet, originals: EmbeddingSet, training: EmbeddingSet | None, why: str) -> Measure:
    """How much lies nearer to training audio than the audio that was kept from it does; ``why`` it cannot be told."""
    if training is None:
        return Measure(None, reason=why)

    def found() -> Measure:
        files = generated.files
        return measured(memorisation(generated.values, originals.values, training.values, files, SEED).copied)

    return _or_why(found)


def _pairs(generated: EmbeddingSet, originals: EmbeddingSet, scored: Sequence[ClipFacts]) -> dict[str, Measure]:
    """The metrics of pairs; a silent original has no spectral distance and is left out of that one."""
    distances = np.array([one.spectral_distance for one in scored if one.spectral_distance is not None])
    try:
        found = paired_measures(
            paired_windows(generated.values, originals.values), generated.files, distances, SEED
        )  # fmt: skip
    except ScoreError as error:
        return {
            name: Measure(None, reason=error.message) for name in ("paired_distance", "recognised", "spectral_distance")
        }
    if not len(distances):
        found["spectral_distance"] = Measure(None, reason="All originals are silent, or too short.")
    return found


def _or_why(found: Callable[[], Measure]) -> Measure:
    try:
        return found()
    except ScoreError as error:
        return Measure(None, reason=error.message)
