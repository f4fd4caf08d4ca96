"""The scores of a run as ``run show`` has them."""

from collections.abc import Iterable, Mapping
from typing import Any

from ravetui.runs.folder import RunFolder
from ravetui.runs.format import quantity, steps
from ravetui.runs.scores import list_scores

SCORE_COLUMNS = ("score of", "embedder", "reference", "metric", "value", "interval")


def scores_of(run: RunFolder) -> list[dict[str, Any]]:
    """What was scored, newest first, as JSON has it."""
    return [
        {
            "run": item.run,
            "checkpoint": item.checkpoint,
            "embedder": item.embedder,
            "reference": item.reference,
            "n": item.n,
            "metrics": dict(item.metrics),
            "created": item.created,
            "path": str(item.path),
        }
        for item in list_scores(run)
    ]


def score_rows(scores: Iterable[Mapping[str, Any]]) -> list[tuple[object, ...]]:
    """A row a metric, of :data:`SCORE_COLUMNS`."""
    return [
        (
            steps(item["checkpoint"]),
            item["embedder"],
            item["reference"],
            name,
            quantity(value.get("value")),
            f"{quantity(value.get('low'))} to {quantity(value.get('high'))}",
        )
        for item in scores
        for name, value in item["metrics"].items()
    ]
