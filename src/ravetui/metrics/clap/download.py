"""Fetching LAION's checkpoint: resumed where it was cut, its checksum known before it is read."""

import hashlib
import http.client
import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ravetui.errors import ScoreError
from ravetui.metrics.clap.weights import CHECKPOINT
from ravetui.runs.atomic import read_json, write_json
from ravetui.runs.format import bytes_
from ravetui.runs.lock import acquire

URL = f"https://huggingface.co/lukewys/laion_clap/resolve/main/{CHECKPOINT}"
"""LAION's own repository of checkpoints, the one that its program downloads from."""
SHA256 = "fae3e9c087f2909c28a09dc31c8dfcdacbc42ba44c70e972b58c1bd1caf6dedd"
"""Of the file at `URL`, as published."""
CHUNK = 1 << 20
TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as cut."""
TRIES = 5
"""Connections in a row that bring nothing before it is given up."""
ROOM = 300_000_000
"""Bytes that the converted file takes beside the download."""

Progress = Callable[[int, int], None]
"""Told the bytes that are there and the bytes there will be, 0 while unknown."""


@dataclass(frozen=True)
class Download:
    """A file that arrived whole."""

    path: Path
    sha256: str
    bytes: int


def download(url: str, folder: Path, sha256: str, progress: Progress, pause: float = 1.0) -> Download:
    """Download a checkpoint into ``folder``; what an earlier call left there is gone on with.

    Args:
        url: From where, http or https.
        folder: Holds ``NAME.part`` while it is underway and ``NAME`` afterwards.
        sha256: What its checksum must be; empty: any.
        progress: Told after each chunk.
        pause: Seconds before connecting again after a cut, times the number of failures in a row.

    Raises:
        ScoreError: There is no connection, no such file, no room on the disk, or the checksum is another.
    """
    if not url.startswith(("https://", "http://")):
        raise ScoreError("Not fetched", f"{url} is no http or https address.", _BY_HAND)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = acquire(folder / "fetch.lock")
    except OSError as error:
        raise _no_room(folder / CHECKPOINT, error.strerror or str(error)) from None
    if lock is None:
        raise ScoreError("Not fetched", "Another process is fetching it.", "Wait for that one.")
    try:
        part = folder / f"{Path(urlsplit(url).path).name or CHECKPOINT}.part"
        _bring(url, part, progress, pause)
        return _checked(part, url, sha256)
    finally:
        os.close(lock)


def _bring(url: str, part: Path, progress: Progress, pause: float) -> None:
    """Connect until the file is whole."""
    failures = 0
    while True:
        there = _size(part)
        try:
            if _go_on(url, part, progress):
                break
            reason = "the connection was cut"
        except urllib.error.HTTPError as error:
            raise ScoreError("Not fetched", f"{url} answered {error.code} {error.reason}.", _BY_HAND) from None
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as error:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
        except OSError as error:
            raise _no_room(part, error.strerror or str(error)) from None
        failures = 0 if _size(part) > there else failures + 1
        if failures == TRIES:
            said = f"{bytes_(_size(part))} of {url} are there, and then: {reason}."
            raise ScoreError("Not fetched", said, f"The same command goes on from there. {_BY_HAND}")
        time.sleep(pause * failures)


_BY_HAND = "Or download it elsewhere and `ravetui clap convert FILE`."


def _go_on(url: str, part: Path, progress: Progress) -> bool:
    """Read one response into the file; True when the file is whole."""
    there, known = _size(part), _known(part)
    if there and there == known.get("bytes"):
        return True
    tag = known.get("tag")
    request = urllib.request.Request(url, headers={"User-Agent": "ravetui", "Accept-Encoding": "identity"})
    if there and tag:
        request.add_header("Range", f"bytes={there}-")
        # A file that has changed since is sent from its beginning.
        request.add_header("If-Range", tag)
    try:
        response: Any = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code != http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        _forget(part)  # longer than the file: begin anew
        return False
    with response:
        if response.status != http.client.PARTIAL_CONTENT:
            there = 0
            _forget(part)
        length = response.headers.get("Content-Length")
        whole = there + int(length) if length else 0
        _see_room(part, whole - there)
        write_json(_beside(part), {"url": url, "tag": response.headers.get("ETag", ""), "bytes": whole})
        with part.open("ab") as file:
            progress(there, whole)
            while chunk := _read(response):
                file.write(chunk)
                there += len(chunk)
                progress(there, whole)
    return there == whole if whole else True


def _read(response: Any) -> bytes:
    """A chunk; what came before a cut counts too."""
    try:
        return bytes(response.read1(CHUNK))
    except http.client.IncompleteRead as error:
        return error.partial


def _checked(part: Path, url: str, sha256: str) -> Download:
    with part.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if sha256 and found != sha256:
        _forget(part)
        raise ScoreError(
            "Wrong checksum",
            f"What came from {url} has SHA-256 {found}, not {sha256}; it was deleted unread.",
            "Fetch it again; if that brings the same, it is another file: `--sha256` takes what you expect.",
        )
    final = part.with_suffix("")
    part.replace(final)
    _beside(part).unlink(missing_ok=True)
    return Download(final, found, final.stat().st_size)


def _see_room(part: Path, needed: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if needed + ROOM > free:
        raise _no_room(part, f"{bytes_(needed + ROOM)} are needed, {bytes_(free)} are free")


def _no_room(part: Path, why: str) -> ScoreError:
    return ScoreError(
        "No room",
        f"{part.parent} does not hold the checkpoint: {why}.",
        "Make room, or point XDG_CACHE_HOME to another disk; the same command goes on where it was.",
    )


def _beside(part: Path) -> Path:
    return part.with_suffix(".json")


def _known(part: Path) -> dict[str, Any]:
    """What the server said of the file that is partly there: its version and size."""
    said: Any = read_json(_beside(part))
    return said if isinstance(said, dict) else {}


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _beside(part).unlink(missing_ok=True)
