"""Scores of checkpoints: one JSON each, never overwritten."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ravetui.runs.atomic import read_json, write_json
from ravetui.runs.folder import RunFolder


@dataclass(frozen=True)
class ScoreRecord:
    """One scoring of one checkpoint."""

    run: str
    checkpoint: int
    """Step."""
    phase: int
    embedder: str
    """Name of the embedder, such as ``mel``."""
    embedder_label: str
    """What a screen must say beside the numbers."""
    reference: str
    n: int
    """Embedded windows of the checkpoint's audio."""
    created: float
    """Unix time, seconds."""
    metrics: Mapping[str, Mapping[str, Any]]
    """Metric to value, low, high, …"""
    path: Path
    document: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """All that was stored."""


def write_score(run: RunFolder, checkpoint: int, embedder: str, document: Mapping[str, Any]) -> Path:
    """Publish one score and return where; ``document`` has the keys of ``score --json``."""
    run.scores.mkdir(parents=True, exist_ok=True)  # of a run of another program nothing is kept before
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
    path = run.scores / f"step-{checkpoint:09d}-{embedder}-{stamp}.json"
    count = 1
    while path.exists():
        count += 1
        path = path.with_name(f"step-{checkpoint:09d}-{embedder}-{stamp}-{count}.json")
    write_json(path, {**document, "created": time.time()})
    return path


def list_scores(run: RunFolder) -> list[ScoreRecord]:
    """Every readable score, newest first."""
    found = (_read(path) for path in run.scores.glob("step-*.json"))
    return sorted((item for item in found if item is not None), key=lambda item: -item.created)


def newest_scores(scores: list[ScoreRecord]) -> dict[tuple[int, str], ScoreRecord]:
    """The newest score of each (checkpoint, embedder)."""
    newest: dict[tuple[int, str], ScoreRecord] = {}
    for score in sorted(scores, key=lambda item: item.created):
        newest[score.checkpoint, score.embedder] = score
    return newest


def _read(path: Path) -> ScoreRecord | None:
    document: dict[str, Any] = read_json(path) or {}
    try:
        return ScoreRecord(
            run=document["run"],
            checkpoint=document["checkpoint"],
            phase=document["phase"],
            embedder=document["embedder"],
            embedder_label=document["embedder_label"],
            reference=document["reference"],
            n=document["n"],
            created=document["created"],
            metrics=document["metrics"],
            path=path,
            document=document,
        )
    except (KeyError, TypeError):
        return None
