"""Sounds to embeddings, through the cache: what was embedded before costs a read, and loads no network."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.cache import EmbeddingCache
from ravetui.metrics.embedder import Embedder
from ravetui.metrics.embeddings import EmbeddingSet
from ravetui.metrics.sound import Sound, array_sound, file_sound
from ravetui.metrics.windows import cut_windows

BATCH = 16
"""Windows handed to the embedder at once, of several sounds where these are short; inside it may take fewer."""

Vectors = NDArray[np.float32]
Progress = Callable[[float], None]


def embed_files(
    sounds: Sequence[Path | NDArray[np.float32] | Sound],
    embedder: Embedder,
    cache: EmbeddingCache | None,
    progress: Progress,
    sampling_rate: int | None = None,
) -> EmbeddingSet:
    """Embed sounds window by window, each a file of its own.

    Windows follow each other without overlap; the last one of a sound ends where the sound ends. One sound at a time is
    asked of ``sounds``, so a sequence that reads when asked keeps memory bounded.

    Args:
        sounds: Audio files, or samples in ±1 of shape (samples,) or (channels, samples), or `Sound` objects.
        embedder: What embeds a window.
        cache: Where embeddings are looked for and kept; None: nowhere.
        progress: Told the fraction of the sounds that is done.
        sampling_rate: Of the samples, Hz; the embedder's if not given. A file says its own.

    Returns:
        The windows of all sounds, in order; file ``i`` is sound ``i``.

    Raises:
        ScoreError: There is no sound, or one cannot be read, is empty or holds NaN or infinity; it is named.
    """
    if len(sounds) == 0:
        raise ScoreError("Score", "There is no audio to score.", "Render samples first.")
    rate = sampling_rate or embedder.sampling_rate

    def sound(index: int) -> Sound:
        return _sound(sounds[index], rate, f"Clip {index + 1}")

    keys = [sound(index).key() for index in range(len(sounds))] if cache else []
    made: list[Vectors | None] = cache.find(embedder, keys) if cache else [None] * len(sounds)
    missing = [index for index, vectors in enumerate(made) if vectors is None]
    done = len(sounds) - len(missing)
    if not missing:
        progress(1.0)
    for ready in _embed(((index, sound(index)) for index in missing), embedder):
        for index, vectors in ready:
            made[index] = vectors
        if cache:
            # At once, so that what a stopped scoring had done is not lost.
            cache.add(embedder, [keys[index] for index, _ in ready], [vectors for _, vectors in ready])
        done += len(ready)
        progress(done / len(sounds))
    if cache and missing:
        cache.trim()
    values = [vectors for vectors in made if vectors is not None]
    files = np.repeat(np.arange(len(sounds)), [len(vectors) for vectors in values])
    return EmbeddingSet(np.concatenate(values).astype(np.float64), files)


def _embed(sounds: Iterable[tuple[int, Sound]], embedder: Embedder) -> Iterator[list[tuple[int, Vectors]]]:
    """The vectors of numbered sounds, in order, each time that a batch has completed some."""
    batch: list[NDArray[np.float32]] = []
    made: list[Vectors] = []
    waiting: deque[tuple[int, int]] = deque()
    for index, sound in sounds:
        audio = sound.mono(embedder.sampling_rate)
        windows = cut_windows(audio, embedder.window, embedder.window, embedder.padding)
        waiting.append((index, len(windows)))
        for window in windows:
            batch.append(window)
            if len(batch) == BATCH:
                made += _vectors(embedder, batch)
                batch.clear()
                if ready := _ready(made, waiting):
                    yield ready
    if batch:
        made += _vectors(embedder, batch)
    if ready := _ready(made, waiting):
        yield ready


def _vectors(embedder: Embedder, batch: list[NDArray[np.float32]]) -> list[Vectors]:
    """One batch through the embedder, which may come from elsewhere and is held to what it promised."""
    vectors = np.asarray(embedder.embed(np.stack(batch)), dtype=np.float32)
    if vectors.shape != (len(batch), embedder.dimensions):
        raise ScoreError(
            "Embedder",
            f"The embedder {embedder.name} made an array of shape {vectors.shape} of {len(batch)} windows, "
            f"not {(len(batch), embedder.dimensions)}.",
            "Mend it or choose another.",
        )
    return list(vectors)


def _ready(made: list[Vectors], waiting: deque[tuple[int, int]]) -> list[tuple[int, Vectors]]:
    """Take the sounds off whose windows are all there."""
    ready = []
    while waiting and len(made) >= waiting[0][1]:
        index, count = waiting.popleft()
        ready.append((index, np.stack(made[:count])))
        del made[:count]
    return ready


def _sound(item: Path | NDArray[np.float32] | Sound, sampling_rate: int, name: str) -> Sound:
    if isinstance(item, Path):
        return file_sound(item)
    return item if isinstance(item, Sound) else array_sound(item, sampling_rate, name)
