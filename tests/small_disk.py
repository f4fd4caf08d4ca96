"""A real filesystem of a few megabytes, to be filled to its last byte."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Mount one; without the right to, a root user's test fails and anybody else's is skipped aloud."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        sentence = f"NOT TESTED: no small filesystem can be mounted to be filled: {done.stderr.strip()}"
        pytest.fail(sentence) if os.getuid() == 0 else pytest.skip(sentence)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Take all the room there is; deleting the file gives it back."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096):
            try:
                while file.write(b"\1" * size) == size:
                    pass
            except OSError:
                continue
    return filler
