"""CLAP's audio weights in the user's cache: whether they are there, and which they are, read without torch."""

import contextlib
import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ravetui.errors import ScoreError
from ravetui.runs.user_cache import user_cache

CHECKPOINT = "music_audioset_epoch_15_esc_90.14.pt"
"""LAION's checkpoint for music."""
HOW_TO_GET = "`ravetui clap fetch` downloads it (2.4 GB), `ravetui clap convert FILE` takes a file you have."
_HEADER_LIMIT = 100_000_000
"""Bytes; a safetensors header is never longer, by its own specification."""


@dataclass(frozen=True)
class ClapWeights:
    """What lies in the cache."""

    path: Path
    bytes: int
    """Size of the file."""
    sha256: str
    """Of its tensors, as remembered when it was written."""
    source: str
    """Name of the checkpoint it was made from."""
    source_sha256: str
    """Of that checkpoint."""
    url: str
    """Where that was downloaded from; empty when the user had it."""
    created: str
    """UTC, ISO 8601."""

    @property
    def version(self) -> str:
        """Of the embedding: other weights make other vectors."""
        return f"1-{self.sha256[:12]}"


def weights_path() -> Path:
    """Where the weights are kept."""
    return user_cache() / "clap" / f"{Path(CHECKPOINT).stem}.safetensors"


def has_weights() -> bool:
    """Whether there is such a file."""
    return weights_path().is_file()


def find_weights() -> ClapWeights:
    """The weights in the user's cache, from the head of their file.

    Raises:
        ScoreError: There are none, or what is there is not what ``ravetui clap`` wrote.
    """
    path = weights_path()
    try:
        _, header = read_header(path)
    except FileNotFoundError:
        raise ScoreError("No CLAP weights", f"The embedder clap needs LAION's {CHECKPOINT}.", HOW_TO_GET) from None
    except (OSError, ValueError) as error:
        raise damaged(path, str(error)) from None
    said: Mapping[str, str] = header.get("__metadata__", {})
    missing = {"sha256", "source", "source_sha256", "url", "created"} - said.keys()
    if missing:
        raise damaged(path, f"its head does not say {', '.join(sorted(missing))}")
    return ClapWeights(
        path, path.stat().st_size, said["sha256"], said["source"], said["source_sha256"], said["url"], said["created"]
    )


def tensors_sha256(path: Path) -> str:
    """SHA-256 of what follows the head of a safetensors file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no safetensors file.
    """
    start, _ = read_header(path)
    with path.open("rb") as file:
        file.seek(start)
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_header(path: Path) -> tuple[int, dict[str, dict[str, str]]]:
    """Where the tensors of a safetensors file begin, and its header.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no safetensors file.
    """
    with path.open("rb") as file, contextlib.suppress(struct.error):
        (length,) = struct.unpack("<Q", file.read(8))
        if length < _HEADER_LIMIT:
            header = json.loads(file.read(length))
            if isinstance(header, dict):
                return 8 + length, header
    raise ValueError("it is no safetensors file")


def damaged(path: Path, why: str) -> ScoreError:
    """The error that says that the file in the cache cannot be used."""
    return ScoreError("CLAP weights", f"{path} cannot be used: {why}.", f"Delete it. {HOW_TO_GET}")
