import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ravetui.metrics.cache import RECORD, EmbeddingCache
from ravetui.metrics.embed import embed_files
from ravetui.metrics.mel import MelEmbedder
from tests.small_disk import fill, small_disk

RATE = 4000
LIMIT = 10**9


class Counting(MelEmbedder):
    """Counts the windows that it had to embed."""

    def __init__(self, version: str = "1") -> None:
        super().__init__(RATE)
        self.version = version
        self.windows = 0

    def embed(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        self.windows += len(windows)
        return super().embed(windows)


def noise(seconds: float, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).uniform(-0.5, 0.5, int(seconds * RATE)).astype(np.float32)


def embed(clips: list[NDArray[np.float32]], cache: EmbeddingCache, embedder: Counting | None = None) -> int:
    """How many windows were embedded; the values are those without a cache."""
    embedder = embedder or Counting()
    made = embed_files(clips, embedder, cache, lambda done: None)
    plain = embed_files(clips, MelEmbedder(RATE), None, lambda done: None)
    np.testing.assert_allclose(made.values, plain.values, atol=1e-5)
    np.testing.assert_array_equal(made.files, plain.files)
    return embedder.windows


def test_a_set_is_embedded_once_and_new_clips_alone_are_added(tmp_path: Path) -> None:
    cache = EmbeddingCache(LIMIT, tmp_path)
    clips = [noise(2.5, 1), noise(0.3, 2), noise(1, 3)]
    assert embed(clips, cache) == 5
    assert embed(clips, EmbeddingCache(LIMIT, tmp_path)) == 0
    assert embed([*clips[::-1], noise(2, 4)], cache) == 2


def test_another_version_or_other_content_is_not_found(tmp_path: Path) -> None:
    cache = EmbeddingCache(LIMIT, tmp_path)
    assert embed([noise(1)], cache) == 1
    assert embed([noise(1)], cache, Counting("2")) == 1
    assert embed([noise(1) * 0.5], cache) == 1
    assert embed([noise(1)[:-1]], cache) == 1


def files_of(root: Path) -> tuple[Path, Path]:
    (folder,) = root.iterdir()
    return folder / "1.keys", folder / "1.vectors"


@pytest.mark.parametrize("which", [0, 1])
def test_a_torn_write_is_not_yet_there_and_is_mended(tmp_path: Path, which: int) -> None:
    cache = EmbeddingCache(LIMIT, tmp_path)
    embed([noise(1, 1), noise(1, 2)], cache)
    torn = files_of(tmp_path)[which]
    os.truncate(torn, torn.stat().st_size - 5)
    assert embed([noise(1, 1), noise(1, 2)], cache) == 1
    assert embed([noise(1, 1), noise(1, 2)], cache) == 0


def test_a_damaged_vector_is_made_again_not_believed(tmp_path: Path) -> None:
    cache = EmbeddingCache(LIMIT, tmp_path)
    embed([noise(1, 1), noise(1, 2)], cache)
    content = bytearray(files_of(tmp_path)[1].read_bytes())
    content[3] ^= 64
    files_of(tmp_path)[1].write_bytes(content)
    assert embed([noise(1, 1), noise(1, 2)], cache) == 1
    assert embed([noise(1, 1), noise(1, 2)], cache) == 0


def test_what_was_not_used_for_longest_is_dropped_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = 4 * 64 + RECORD.itemsize
    cache = EmbeddingCache(10 * row, tmp_path)
    clock = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    for seed in range(8):
        clock[0] += 10_000
        embed([noise(1, seed)], cache)
    clock[0] += 10_000
    assert embed([noise(1, 0)], cache) == 0
    clock[0] += 10_000
    embed([noise(1, seed) for seed in range(8, 12)], cache)
    assert sum(path.stat().st_size for path in files_of_any(tmp_path)) <= 8 * row
    assert embed([noise(1, seed) for seed in (0, 8, 9, 10, 11)], cache) == 0
    assert embed([noise(1, 1)], cache) == 1


def files_of_any(root: Path) -> list[Path]:
    return [path for path in root.rglob("*.*") if path.is_file()]


def add_some(root: Path, worker: int) -> None:
    cache = EmbeddingCache(LIMIT, root)
    for seed in range(20):
        embed_files([noise(1, seed), noise(1, 100 + 20 * worker + seed)], MelEmbedder(RATE), cache, lambda done: None)


def test_several_processes_write_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=add_some, args=(tmp_path, k)) for k in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    seeds = [*range(20), *range(100, 160)]
    assert embed([noise(1, seed) for seed in seeds], EmbeddingCache(LIMIT, tmp_path)) == 0
    keys, vectors = files_of(tmp_path)
    assert keys.stat().st_size == len(seeds) * RECORD.itemsize
    assert vectors.stat().st_size == len(seeds) * 4 * 64


def test_a_full_disk_and_a_folder_that_cannot_be_made_cost_nothing_but_the_cache(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        filler = fill(disk)
        cache = EmbeddingCache(LIMIT, disk / "cache")
        assert embed([noise(1)], cache) == 1
        filler.unlink()
        assert embed([noise(1)], cache) == 1
        assert embed([noise(1)], cache) == 0
    (tmp_path / "file").write_text("")
    assert embed([noise(1)], EmbeddingCache(LIMIT, tmp_path / "file")) == 1


def test_finding_a_set_imports_neither_torch_nor_soxr_nor_scipy(tmp_path: Path) -> None:
    embed([noise(1)], EmbeddingCache(LIMIT, tmp_path))
    program = (
        "import sys, pathlib\n"
        "from tests.unit.metrics.test_cache import EmbeddingCache, MelEmbedder, LIMIT, RATE, noise\n"
        "from ravetui.metrics.embed import embed_files\n"
        "made = embed_files([noise(1)], MelEmbedder(RATE), EmbeddingCache(LIMIT, pathlib.Path(sys.argv[1])), print)\n"
        "sys.exit(' '.join({'torch', 'transformers', 'scipy', 'soxr'} & sys.modules.keys()) or len(made) - 1)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
