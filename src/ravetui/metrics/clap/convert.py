"""From LAION's checkpoint to the audio half as safetensors in the user's cache."""

import hashlib
import time
from pathlib import Path

from ravetui.errors import ScoreError
from ravetui.metrics.clap.checkpoint import read_audio_tensors
from ravetui.metrics.clap.layout import FILTERS, entries
from ravetui.metrics.clap.weights import ClapWeights, find_weights, weights_path
from ravetui.runs.atomic import write_bytes


def convert(checkpoint: Path, url: str = "", source_sha256: str = "") -> ClapWeights:
    """Read a checkpoint, keep what the audio network uses, and publish it whole or not at all.

    Args:
        checkpoint: LAION's file, or safetensors with its keys.
        url: Where it was downloaded from; empty when the user had it.
        source_sha256: Its SHA-256 where that is known already.

    Returns:
        What is in the cache now.

    Raises:
        ScoreError: The checkpoint is not what it should be, or the cache cannot be written.
    """
    from safetensors.torch import save

    tensors = read_audio_tensors(checkpoint)
    used = {entry.name for entry in entries() if entry.targets} | {FILTERS}
    kept = {name: tensor.detach().float().contiguous().clone() for name, tensor in tensors.items() if name in used}
    with checkpoint.open("rb") as file:
        source_sha256 = source_sha256 or hashlib.file_digest(file, "sha256").hexdigest()
    said = {
        "source": checkpoint.name,
        "source_sha256": source_sha256,
        "url": url,
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    path = weights_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = save(kept, {**said, "sha256": _tensors_sha256(save(kept))})
        write_bytes(path, content)
    except OSError as error:
        raise ScoreError(
            "Cache not written", f"{path} cannot be written: {error.strerror}.", "Free 300 MB there."
        ) from None
    return find_weights()


def _tensors_sha256(content: bytes) -> str:
    """SHA-256 of what follows the head; the order of tensors does not depend on what the head says besides."""
    start = 8 + int.from_bytes(content[:8], "little")
    return hashlib.sha256(memoryview(content)[start:]).hexdigest()
