"""Scores that were made before: one of the same sounds by the same code need not be made again."""

import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xxhash

from ravetui import metrics
from ravetui.metrics.embedder import Embedder
from ravetui.runs.atomic import read_json
from ravetui.runs.folder import RunFolder


def documents_of(run: RunFolder, step: int) -> list[dict[str, Any]]:
    """The scores of a checkpoint, newest first, and the newest of any other, whose clips have the same originals."""
    same = sorted(run.scores.glob(f"step-{step:09d}-*.json"), key=_age)
    others = sorted((path for path in run.scores.glob("step-*.json") if path not in same), key=_age)[:1]
    found = (read_json(path) for path in (*same, *others))
    return [document for document in found if isinstance(document, dict)]


def identity_of(embedder: Embedder, keys: Mapping[str, Sequence[bytes]], **said: Any) -> str:
    """What decides every number of a score: the sounds, the embedder, the code of the metrics, and what was asked."""
    what = (embedder.name, embedder.version, embedder.sampling_rate, embedder.window, embedder.padding)
    content = {"code": _code(), "embedder": what, "keys": {name: [k.hex() for k in of] for name, of in keys.items()}}
    return xxhash.xxh3_128_hexdigest(json.dumps({**content, **said}, sort_keys=True).encode())


@functools.cache
def _code() -> str:
    """Of the sources that compute numbers, so that a score of older code is never taken for one of this."""
    hasher = xxhash.xxh3_128()
    for folder in (*metrics.__path__, str(Path(__file__).parent)):
        for path in sorted(Path(folder).rglob("*.py")):
            hasher.update(path.read_bytes())
    return hasher.hexdigest()


def _age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0
