from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
import pytest
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.embed import BATCH, embed_files
from ravetui.metrics.embedder import Embedder
from ravetui.metrics.embeddings import EmbeddingSet
from ravetui.metrics.mel import MelEmbedder
from ravetui.metrics.windows import cut_windows

RATE = 4000


def noise(seconds: float, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, int(seconds * RATE)).astype(np.float32)


def test_windows_remember_their_files() -> None:
    embedder: Embedder = MelEmbedder(RATE)
    heard: list[float] = []
    clips = [noise(2), noise(0.3), noise(2.5)]
    sounds = embed_files(clips, embedder, None, heard.append)
    assert sounds.files.tolist() == [0, 0, 1, 2, 2, 2]
    assert (len(sounds), sounds.n_files) == (6, 3)
    assert heard == [1]
    np.testing.assert_allclose(
        sounds.values[3:], embedder.embed(np.stack(cut_windows(clips[2], RATE, RATE))), atol=1e-5
    )


class Folder(Sequence[NDArray[np.float32]]):
    """Clips read when asked for, which is how a folder of files is scored."""

    def __init__(self) -> None:
        self.reads: list[int] = []

    def __len__(self) -> int:
        return 2 * BATCH + 1

    @overload
    def __getitem__(self, index: int) -> NDArray[np.float32]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[NDArray[np.float32]]: ...
    def __getitem__(self, index: int | slice) -> NDArray[np.float32] | Sequence[NDArray[np.float32]]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        self.reads.append(index)
        return noise(1, seed=index)

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        raise AssertionError("clips are asked for one by one")


def test_each_clip_is_read_once_and_not_before_its_turn() -> None:
    folder = Folder()
    seen: list[tuple[int, float]] = []
    embed_files(folder, MelEmbedder(RATE), None, lambda done: seen.append((len(folder.reads), done * len(folder))))
    assert folder.reads == list(range(len(folder)))
    assert seen == [(BATCH, BATCH), (2 * BATCH, 2 * BATCH), (2 * BATCH + 1, 2 * BATCH + 1)]


def test_a_long_clip_never_meets_the_embedder_at_once() -> None:
    sizes: list[int] = []

    class Counting(MelEmbedder):
        def embed(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
            sizes.append(len(windows))
            return super().embed(windows)

    assert len(embed_files([noise(2.5 * BATCH)], Counting(RATE), None, lambda fraction: None)) == 2.5 * BATCH
    assert max(sizes) == BATCH


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_diverged_clip_is_named_not_dropped(bad: float) -> None:
    clip = noise(1)
    clip[5] = bad
    with pytest.raises(ScoreError, match="Clip 2"):
        embed_files([noise(1), clip], MelEmbedder(RATE), None, lambda fraction: None)


def test_nothing_to_score_is_said() -> None:
    with pytest.raises(ScoreError, match="no audio"):
        embed_files([], MelEmbedder(RATE), None, lambda fraction: None)
    with pytest.raises(ScoreError, match="Clip 1 is empty"):
        embed_files([np.zeros(0, dtype=np.float32)], MelEmbedder(RATE), None, lambda fraction: None)


def test_a_set_of_nan_cannot_exist() -> None:
    with pytest.raises(ScoreError, match="not finite"):
        EmbeddingSet(np.array([[np.nan, 1.0]]), np.array([0]))
    with pytest.raises(ValueError, match="do not go together"):
        EmbeddingSet(np.ones((3, 2)), np.array([0, 1]))


def test_a_part_keeps_its_files() -> None:
    sounds = EmbeddingSet(np.arange(8.0).reshape(4, 2), np.array([3, 3, 5, 9]))
    part = sounds.take(np.array([False, True, True, False]))
    assert part.files.tolist() == [3, 5]
    assert part.values.tolist() == [[2.0, 3.0], [4.0, 5.0]]
