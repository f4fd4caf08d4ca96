"""Embeddings that were computed once, kept for every run of the user: found in two reads, never stale.

Each embedder, version, rate and window has a folder with two files, ``N.keys`` of fixed records and ``N.vectors`` with
one row a record. They only grow; what was not used for longest is dropped by writing the pair anew under the next N. A
vector is identified by the content of the sound and the number of the window: of a file, nothing but its bytes matters.
"""

import contextlib
import os
import re
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from ravetui.metrics.embedder import Embedder
from ravetui.runs.lock import acquire
from ravetui.runs.user_cache import user_cache

Vectors = NDArray[np.float32]

PREPARATION = "1"
"""Of folding to mono, resampling and cutting; changes whenever these do."""
RECORD = np.dtype(
    [("high", "<u8"), ("low", "<u8"), ("used", "<u4"), ("count", "<u4"), ("crc", "<u4"), ("spare", "<u4")]
)
"""Key in two halves, Unix time of the last use, windows of the sound, checksum of the vector."""
_USED_AT = 16
_USE_GRAIN = 3600
"""Seconds: a use is written down when the one before is older."""
_PATIENCE = 10.0
"""Seconds to wait for another process that writes."""
_KEEP = 0.8
"""Share of the limit that is kept when it is passed."""


class EmbeddingCache:
    """A folder of embeddings, used by several processes at once.

    What cannot be read counts as not there, and what cannot be written is not kept: a score never fails for it.

    Args:
        limit: Bytes it may take.
        root: Where it lies; ``embeddings`` in the user's cache if not given.
    """

    def __init__(self, limit: int, root: Path | None = None) -> None:
        self.limit = limit
        self.root = root or user_cache() / "embeddings"

    def find(self, embedder: Embedder, sounds: Sequence[bytes]) -> list[Vectors | None]:
        """The vectors of each sound, (windows, dimensions), or None where one of them is missing.

        Args:
            embedder: Whose vectors.
            sounds: What identifies each sound, by `ravetui.metrics.sound`.
        """
        store = _Store(self.root / _folder(embedder), embedder.dimensions)
        for _ in range(3):
            with contextlib.suppress(FileNotFoundError):  # The pair was written anew between the two reads.
                return store.find(sounds)
        return [None] * len(sounds)

    def add(self, embedder: Embedder, sounds: Sequence[bytes], vectors: Sequence[Vectors]) -> None:
        """Keep the vectors of sounds, (windows, dimensions) each."""
        store = _Store(self.root / _folder(embedder), embedder.dimensions)
        with contextlib.suppress(OSError):
            store.path.mkdir(parents=True, exist_ok=True)
            store.add(sounds, vectors)

    def trim(self) -> None:
        """Drop what was not used for longest, if it takes more than the limit."""
        with contextlib.suppress(OSError):
            stores = [_Store(path, 0) for path in sorted(self.root.iterdir()) if path.is_dir()]
            if sum(store.size() for store in stores) > self.limit:
                _drop(stores, int(_KEEP * self.limit))


class _Store:
    """The vectors of one embedder."""

    def __init__(self, path: Path, dimensions: int) -> None:
        self.path = path
        self.dimensions = dimensions

    def find(self, sounds: Sequence[bytes]) -> list[Vectors | None]:
        number = self.number()
        if number == 0:
            return [None] * len(sounds)
        records = self.records(number)
        vectors = self.vectors(number)
        records = records[: len(vectors)]
        index = _Index(records)
        first = index.rows([(sound, 0) for sound in sounds])
        counts = [int(records["count"][row]) if row >= 0 else 0 for row in first]
        rows = index.rows([(sound, k) for sound, count in zip(sounds, counts, strict=True) for k in range(count)])
        values = np.asarray(vectors[np.maximum(rows, 0)]) if len(rows) else np.zeros((0, self.dimensions), np.float32)
        good = rows >= 0
        good[good] = [
            zlib.crc32(value) == crc for value, crc in zip(values[good], records["crc"][rows[good]], strict=True)
        ]
        self._use(number, records, rows[good])
        ends = np.cumsum(counts)
        return [
            values[end - count : end] if count and good[end - count : end].all() else None
            for end, count in zip(ends, counts, strict=True)
        ]

    def add(self, sounds: Sequence[bytes], vectors: Sequence[Vectors]) -> None:
        with _locked(self.path):
            number = max(self.number(), 1)
            keys, rows = self.path / f"{number}.keys", self.path / f"{number}.vectors"
            keys.touch()
            rows.touch()
            width = 4 * self.dimensions
            whole = min(keys.stat().st_size // RECORD.itemsize, rows.stat().st_size // width)
            # What a process left half written when it was killed.
            os.truncate(keys, whole * RECORD.itemsize)
            os.truncate(rows, whole * width)
            new = [k for k, found in enumerate(self.find(sounds)) if found is None and len(vectors[k])]
            if not new:
                return
            values = np.concatenate([vectors[k] for k in new]).astype("<f4")
            records = _records([(sounds[k], len(vectors[k])) for k in new], values)
            # Vectors first: a record is only there with its vector.
            for path, content in ((rows, values.tobytes()), (keys, records.tobytes())):
                with path.open("ab") as file:
                    file.write(content)

    def number(self) -> int:
        """Of the newest pair; 0 when there is none."""
        found = (re.fullmatch(r"(\d+)\.keys", path.name) for path in self.path.glob("*.keys"))
        return max((int(name[1]) for name in found if name), default=0)

    def records(self, number: int) -> NDArray[Any]:
        """Whole records; what is torn is not yet there."""
        return np.fromfile(self.path / f"{number}.keys", RECORD)

    def vectors(self, number: int) -> Vectors:
        """As many whole rows as there are, not read before they are asked for."""
        path = self.path / f"{number}.vectors"
        rows = path.stat().st_size // (4 * self.dimensions)
        if rows == 0:
            return np.zeros((0, self.dimensions), np.float32)
        return np.memmap(path, "<f4", "r", shape=(rows, self.dimensions))

    def size(self) -> int:
        """Bytes."""
        return sum(path.stat().st_size for path in self.path.iterdir())

    def keep(self, kept: NDArray[np.int64]) -> None:
        """Write the pair anew with these rows only."""
        with _locked(self.path):
            number = self.number()
            keys, rows = (self.path / f"{number}.{kind}" for kind in ("keys", "vectors"))
            records = self.records(number)
            whole = len(records)
            width = rows.stat().st_size // whole if whole else 4
            content = np.fromfile(rows, np.uint8)[: whole * width].reshape(whole, width)
            for kind, part in (("vectors", content[kept]), ("keys", records[kept])):
                beside = self.path / f".{number + 1}.{kind}"
                beside.write_bytes(part.tobytes())
                beside.replace(self.path / f"{number + 1}.{kind}")
            keys.unlink()
            rows.unlink()

    def _use(self, number: int, records: NDArray[Any], rows: NDArray[np.int64]) -> None:
        """Write down that rows were used, in place; two who do it at once write the same."""
        now = int(time.time())
        old = rows[records["used"][rows].astype(np.int64) < now - _USE_GRAIN]
        if not len(old):
            return
        with contextlib.suppress(OSError), (self.path / f"{number}.keys").open("r+b", buffering=0) as file:
            for row in old.tolist():
                os.pwrite(file.fileno(), now.to_bytes(4, "little"), row * RECORD.itemsize + _USED_AT)


class _Index:
    """Finds records by key."""

    def __init__(self, records: NDArray[Any]) -> None:
        self._order = np.argsort(records["high"], kind="stable")
        self._high, self._low = records["high"][self._order], records["low"][self._order]

    def rows(self, windows: list[tuple[bytes, int]]) -> NDArray[np.int64]:
        """The row of each (sound, window), -1 where there is none."""
        if not windows or not len(self._order):
            return np.full(len(windows), -1)
        high, low = _keys(windows)
        # Of two with one key the later counts: it was written because the other was damaged.
        at = np.maximum(np.searchsorted(self._high, high, side="right") - 1, 0)
        same = (self._high[at] == high) & (self._low[at] == low)
        return np.where(same, self._order[at], -1)


def _keys(windows: list[tuple[bytes, int]]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    digests = b"".join(xxhash.xxh3_128_digest(sound + number.to_bytes(4, "little")) for sound, number in windows)
    pairs = np.frombuffer(digests, "<u8").reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _records(sounds: list[tuple[bytes, int]], values: Vectors) -> NDArray[Any]:
    made = np.zeros(len(values), RECORD)
    made["high"], made["low"] = _keys([(sound, k) for sound, count in sounds for k in range(count)])
    made["used"] = int(time.time())
    made["count"] = np.repeat([count for _, count in sounds], [count for _, count in sounds])
    made["crc"] = [zlib.crc32(value) for value in values]
    return made


def _folder(embedder: Embedder) -> str:
    """Everything that a vector depends on besides the sound."""
    said = (embedder.name, embedder.version, embedder.sampling_rate, embedder.window, embedder.padding, PREPARATION)
    digest = xxhash.xxh3_64_hexdigest(repr((*said, embedder.dimensions)).encode())
    return f"{re.sub('[^a-zA-Z0-9]+', '-', embedder.name)}-{digest}"


def _drop(stores: list[_Store], limit: int) -> None:
    """Keep the most recently used rows of all stores, as many as fit."""
    tables = [store.records(store.number()) if store.number() else np.zeros(0, RECORD) for store in stores]
    used = np.concatenate([table["used"] for table in tables])
    of = np.repeat(np.arange(len(stores)), [len(table) for table in tables])
    rows = np.concatenate([np.arange(len(table)) for table in tables])
    widths = np.array([store.size() / max(len(table), 1) for store, table in zip(stores, tables, strict=True)])
    newest = np.lexsort((rows, used))[::-1]
    fits = newest[np.cumsum(widths[of[newest]]) <= limit]
    for number, (store, table) in enumerate(zip(stores, tables, strict=True)):
        kept = np.sort(rows[fits[of[fits] == number]])
        if len(kept) < len(table):
            store.keep(kept)


@contextlib.contextmanager
def _locked(folder: Path) -> Any:
    handle = acquire(folder / "lock", patience=_PATIENCE)
    if handle is None:
        raise TimeoutError(f"{folder} is written by another process")
    try:
        yield
    finally:
        os.close(handle)
