"""The sounds that a distance comes from, each with a file in which it can be heard."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ravetui.jobs.scoring.clips import file_name
from ravetui.jobs.scoring.item import Item
from ravetui.metrics import kid
from ravetui.metrics.embedder import Embedder
from ravetui.metrics.embeddings import EmbeddingSet
from ravetui.metrics.windows import window_starts
from ravetui.metrics.witness import Witness, by_file
from ravetui.runs.folder import RunFolder

WORST, BEST = 5, 3
"""Clips of each end that are named and kept to be heard."""


def drivers(
    run: RunFolder,
    folder: str,
    embedder: Embedder,
    seen: Witness,
    scored: tuple[Sequence[Item], EmbeddingSet],
    originals: Sequence[Item],
    reference: tuple[Sequence[Item], EmbeddingSet],
) -> dict[str, list[dict[str, Any]]]:
    """What drives the distance, worst first, written where it can be heard.

    Args:
        folder: Name of the checkpoint's folder in ``scores/audio``.
        seen: Of both sets.
        scored: Reconstructions and their windows.
        originals: Of the reconstructions, one by one.
        reference: The same of the reference.

    Returns:
        ``scored`` and ``reference``: name, share of KID (× 1000), second of the window that adds most, and paths, from
        the run's folder on where they are in it.
    """
    items, made = scored
    against, real = reference
    found = []
    for index, share, second in _ends(seen.windows, made, items, embedder, BEST):
        here = {"name": items[index].name, "share": share, "at": second}
        before = originals[index]
        heard = {"path": _keep(run, folder, items[index]), "original": _keep(run, "originals", before)}
        found.append({**here, **heard, "start": 0.0})
    lacking = []
    for index, share, second in _ends(seen.reference_windows, real, against, embedder, 0):
        item = against[index]
        path = str(item.path) if item.path else _keep(run, "originals", item)
        lacking.append({"name": item.name, "share": share, "at": second, "path": path, "start": item.start})
    return {"scored": found, "reference": lacking}


def _ends(
    values: NDArray[np.float64], windows: EmbeddingSet, items: Sequence[Item], embedder: Embedder, best: int
) -> list[tuple[int, float, float]]:
    """The worst and the best files: index, share, second of its worst window."""
    ranked = list(by_file(values, windows.files).items())
    chosen = ranked if len(ranked) <= WORST + best else [*ranked[:WORST], *(ranked[-best:] if best else [])]
    found = []
    for index, share in chosen:
        own = values[windows.files == index]
        item = items[index]
        samples = math.ceil(item.frames * embedder.sampling_rate / item.rate)
        starts = window_starts(samples, embedder.window, embedder.window)
        at = starts[min(int(np.argmax(own)), len(starts) - 1)] / embedder.sampling_rate
        found.append((index, round(kid.SCALE * share, 4), round(at, 2)))
    return found


def _keep(run: RunFolder, folder: str, item: Item) -> str:
    """Where the clip can be heard, from the run's folder on; written if it is not there."""
    path = run.scores / "audio" / folder / f"{file_name(item.name)}-{item.hex[:8]}.flac"
    if not path.exists():
        _write(path, item)
    return path.relative_to(run.path).as_posix()


def _write(path: Path, item: Item) -> None:
    from ravetui.engine.render import write_flac

    path.parent.mkdir(parents=True, exist_ok=True)
    write_flac(path, item.audio(), item.rate)
