"""Files that are there whole or not at all."""

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def write_bytes(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content``: written beside, synced, renamed, the folder synced.

    Raises:
        OSError: The disk is full or the folder is not writable; ``path`` is then untouched.
    """
    with _beside(path, content) as written:
        written.replace(path)
    sync_folder(path.parent)


def write_json(path: Path, content: Any) -> None:
    """Publish ``content`` as indented JSON; see :func:`write_bytes`."""
    write_bytes(path, _as_json(content))


def create_json(path: Path, content: Any) -> bool:
    """Publish ``content`` as JSON unless ``path`` is there already: of many at once, one gets True.

    Raises:
        OSError: The disk is full or the folder is not writable.
    """
    with _beside(path, _as_json(content)) as written:
        try:
            path.hardlink_to(written)
        except FileExistsError:
            return False
        except PermissionError:
            written.replace(path)  # A file system without hard links: the last of many at once counts.
    sync_folder(path.parent)
    return True


def read_json(path: Path) -> Any | None:
    """The JSON at ``path``, or None when it is missing, empty or damaged."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def publish_folder(beside: Path, final: Path) -> None:
    """Rename a finished folder into place; every file in it must have been synced.

    Raises:
        OSError: ``final`` exists and is not empty.
    """
    sync_folder(beside)
    beside.rename(final)
    sync_folder(final.parent)


def _as_json(content: Any) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


@contextlib.contextmanager
def _beside(path: Path, content: bytes) -> Iterator[Path]:
    """A synced file beside ``path``; it is gone afterwards unless it was moved."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    """Make the names in ``path`` survive a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
