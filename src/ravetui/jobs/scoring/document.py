"""A score as it is stored and printed: numbers, what they were measured with, and what is needed to compare them."""

from collections.abc import Sequence
from typing import Any

from ravetui.jobs.scoring.checks import warnings_of
from ravetui.jobs.scoring.drivers import drivers
from ravetui.jobs.scoring.item import Item
from ravetui.jobs.scoring.measuring import Measured
from ravetui.jobs.scoring.plan import Plan
from ravetui.jobs.scoring.stages import Stages
from ravetui.metrics.score import Score


def document_of(plan: Plan, found: Measured, stages: Stages) -> dict[str, Any]:
    """The document of ``score --json``; the loudest driving clips are written to be heard.

    ``warnings`` come before the numbers; ``drivers`` are the clips that make the distance; ``sounds`` and ``embedding``
    find the embeddings again; ``clips`` is what was heard of each clip; ``seconds`` how long each stage took.
    """
    embedder = plan.embedder
    result = Score(
        metrics=found.measures,
        n=len(found.generated),
        n_files=found.generated.n_files,
        reference_n=len(found.reference),
        reference_files=found.reference.n_files,
        embedder=embedder.name,
        embedder_version=embedder.version,
        sampling_rate=embedder.sampling_rate,
    )
    of_reference = plan.reference.items
    sets = plan.scored, plan.reference
    warnings = warnings_of(found.scored, found.against, sets, plan.inputs, found.measures)
    document: dict[str, Any] = {
        "run": plan.subject.run,
        "checkpoint": plan.checkpoint.step,
        "phase": plan.checkpoint.phase,
        "embedder_label": embedder.label,
        "reference": plan.reference.label,
        "warnings": warnings,
        **result.as_dict(),
        "bandwidth": found.judged.bandwidth,
    }
    if embedder.attributes:
        document["attributes"] = _attributes(plan, found)
    return {
        **document,
        "drivers": drivers(
            plan.request.run,
            f"step-{plan.checkpoint.step:09d}-{plan.subject.weights[:8]}",
            embedder,
            found.judged.witness,
            (plan.scored, found.generated),
            plan.originals,
            (of_reference, found.reference),
        ),
        "identity": plan.identity,
        "seconds": stages.seconds,
        "embedding": {"window": embedder.window, "padding": embedder.padding, "dimensions": embedder.dimensions},
        "sounds": {
            "scored": _hex(plan.scored),
            "originals": _hex(plan.originals),
            "reference": _hex(of_reference),
        },
        "clips": {
            item.hex: facts.as_dict()
            for items, of in ((plan.scored, found.scored), (of_reference, found.against))
            for item, facts in zip(items, of, strict=True)
        },
    }


def _hex(items: Sequence[Item]) -> list[str]:
    return [item.hex for item in items]


def _attributes(plan: Plan, found: Measured) -> dict[str, Any]:
    """Means of dimensions that can be read: of what was scored, and of the reference."""
    pairs = zip(found.generated.values.mean(axis=0), found.reference.values.mean(axis=0), strict=True)
    return {
        name: {"value": float(value), "reference": float(real)}
        for name, (value, real) in zip(plan.embedder.attributes, pairs, strict=True)
    }
