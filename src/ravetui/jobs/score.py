"""Score one checkpoint: ``python -m ravetui.jobs.score RUN --step N``; the engine renders, the metrics judge.

The reconstructions of validation audio are compared with a reference set. Both are cut and embedded in the same way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import click
import numpy as np
import torch
from numpy.typing import NDArray

from ravetui.config import FILE, ScoreSettings, read_config
from ravetui.engine.checkpoint import load_rave
from ravetui.engine.data.clips import Clip, read_clip, spread_clips
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.index import Split
from ravetui.engine.render import reconstructions
from ravetui.errors import RavetuiError, ScoreError
from ravetui.metrics.cache import EmbeddingCache
from ravetui.metrics.embed import embed_files
from ravetui.metrics.embedder import Embedder
from ravetui.metrics.embedders import make_embedder
from ravetui.metrics.embeddings import EmbeddingSet
from ravetui.metrics.judge import judge
from ravetui.metrics.score import Score
from ravetui.runs import checkpoints
from ravetui.runs.events import append_event
from ravetui.runs.folder import RunFolder
from ravetui.runs.jobs import JobFolder, report_progress
from ravetui.runs.scores import write_score
from ravetui.runs.spec import RunSpec, read_spec

CLIP_SECONDS = 4.0
"""Audio is rendered in clips of this length, or of the embedder's window if longer; uncertainty is over clips."""

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class ScoreRequest:
    """What is to be judged, and against what."""

    run: RunFolder
    step: int
    embedder: str
    reference: str
    """``validation`` or ``train``."""
    seconds: float
    """At most this much audio of each set, seconds."""


def score(request: ScoreRequest, progress: Progress) -> dict[str, Any]:
    """Render, embed, judge and publish in ``scores/``; returns what was written.

    Raises:
        CheckpointError: There is no such checkpoint, or it is damaged.
        DataError: The run's dataset is gone.
        ScoreError: The reference or embedder is unknown, or the sets are too small.
    """
    spec = read_spec(request.run.spec_path)
    checkpoint = checkpoints.find_checkpoint(request.run, str(request.step))
    checkpoints.verify(checkpoint)
    embedder = make_embedder(request.embedder, spec.model.sampling_rate)
    dataset = Dataset(Path(spec.data.path))
    clips = _clips(dataset, "validation", embedder, request.seconds)
    reference_clips = _clips(dataset, request.reference, embedder, request.seconds)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    rave = load_rave(spec.model, checkpoint, device)
    made: list[NDArray[np.float32]] = []
    for item in reconstructions(rave, dataset, clips, phase=checkpoint.phase, device=device):
        made.append(_mono(item.reconstruction))
        progress(0.5 * len(made) / len(clips), f"rendering clip {len(made)} of {len(clips)}")
    originals = [_mono(read_clip(dataset, clip)) for clip in reference_clips]
    rate, cache = spec.model.sampling_rate, _cache(request.run)
    generated = embed_files(made, embedder, cache, lambda done: progress(0.5 + 0.15 * done, "embedding"), rate)
    reference = embed_files(
        originals, embedder, cache, lambda done: progress(0.65 + 0.15 * done, "embedding the reference"), rate
    )
    judged = judge(generated, reference, lambda done: progress(0.8 + 0.2 * done, "comparing"))
    result = Score(
        metrics=judged.measures,
        n=len(generated),
        n_files=generated.n_files,
        reference_n=len(reference),
        reference_files=reference.n_files,
        embedder=embedder.name,
        embedder_version=embedder.version,
        sampling_rate=embedder.sampling_rate,
    )
    document = _document(request, spec, checkpoint.phase, embedder, result)
    if embedder.attributes:
        document["attributes"] = _attributes(embedder, generated, reference)
    write_score(request.run, checkpoint.step, embedder.name, document)
    append_event(request.run.events, "scored", step=checkpoint.step, embedder=embedder.name)
    return document


def _cache(run: RunFolder) -> EmbeddingCache | None:
    """The user's cache of embeddings, as large as the workspace's settings let it be."""
    config = run.path.parent.parent / FILE
    settings = read_config(config).score if config.is_file() else ScoreSettings()
    return EmbeddingCache(settings.cache_mb * 1_000_000) if settings.cache_mb > 0 else None


def _attributes(embedder: Embedder, generated: EmbeddingSet, reference: EmbeddingSet) -> dict[str, Any]:
    """Means of dimensions that can be read: of what was scored, and of the reference."""
    pairs = zip(generated.values.mean(axis=0), reference.values.mean(axis=0), strict=True)
    return {
        name: {"value": float(value), "reference": float(real)}
        for name, (value, real) in zip(embedder.attributes, pairs, strict=True)
    }


def _document(request: ScoreRequest, spec: RunSpec, phase: int, embedder: Embedder, result: Score) -> dict[str, Any]:
    return {
        "run": spec.name,
        "checkpoint": request.step,
        "phase": phase,
        "embedder_label": embedder.label,
        "reference": request.reference,
        **result.as_dict(),
    }


def _clips(dataset: Dataset, split: str, embedder: Embedder, seconds: float) -> list[Clip]:
    """Clips of one split, ``seconds`` in all at most, spread over its files."""
    if split not in ("validation", "train"):
        raise ScoreError("No such reference", f"There is no reference set {split!r}.", "Known: validation, train.")
    length = max(CLIP_SECONDS, embedder.window / embedder.sampling_rate)
    return spread_clips(dataset, cast(Split, split), max(int(seconds / length), 1), length)


def _mono(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """(channels, samples) folded to (samples,)."""
    folded: NDArray[np.float32] = audio.mean(axis=0, dtype=np.float32)
    return folded


@click.command()
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--step", type=int, required=True)
@click.option("--embedder", required=True)
@click.option("--reference", required=True)
@click.option("--seconds", type=float, required=True)
@click.option("--job", type=click.Path(path_type=Path, file_okay=False), required=True)
def main(run: Path, step: int, embedder: str, reference: str, seconds: float, job: Path) -> None:
    """Score in the background; the shim records how it ended, and the log's last line says why."""
    folder = JobFolder(job)
    request = ScoreRequest(RunFolder(run), step, embedder, reference, seconds)
    try:
        score(request, lambda fraction, note: report_progress(folder, fraction, note))
    except RavetuiError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
