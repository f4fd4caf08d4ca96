import errno
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from ravetui.engine.launch.cause import plainly

OOM = (
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 1 has a total capacity of 23.64 GiB "
    "of which 1.20 GiB is free. Including non-PyTorch memory, this process has 22.40 GiB in use. Of the allocated "
    "memory 21.30 GiB is allocated by PyTorch, and 812.00 MiB is reserved by PyTorch but unallocated.\nIf reserved but "
    "unallocated memory is large try setting PYTORCH_ALLOC_CONF=expandable_segments:True to avoid fragmentation."
)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            OOM,
            "out of GPU memory: tried to allocate 2.00 GiB, and GPU 1 of 23.64 GiB had 1.20 GiB free; a smaller "
            "batch_size needs less",
        ),
        (
            "OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB",
            "out of GPU memory: tried to allocate 20.00 MiB; a smaller batch_size needs less",
        ),
        ("RuntimeError: CUDA error: out of memory", "out of GPU memory; a smaller batch_size needs less"),
        (
            "SafetensorError: Error while serializing: I/O error: No space left on device (os error 28)",
            "disk full",
        ),
        ("OSError: [Errno 122] Disk quota exceeded: 'x'", "disk quota exceeded"),
        ("ValueError: no such thing", "ValueError: no such thing"),
        ("KeyError: 'MemoryError'", "KeyError: 'MemoryError'"),
        ("", ""),
    ],
)
def test_a_line_in_plain_words(line: str, reason: str) -> None:
    assert plainly(line) == reason


def raised(what: object) -> str:
    """The line that Python prints for what calling this raises."""
    try:
        what()  # type: ignore[operator]
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError("nothing was raised")


def test_the_errors_of_today_are_understood() -> None:
    assert plainly(raised(lambda: np.ones(1 << 58))) == "out of memory: tried to allocate 2.00 EiB"
    assert plainly(raised(lambda: torch.empty(1 << 55))) == "out of memory: tried to allocate 144115 TB"
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/runs/graz/checkpoints/x")
    assert plainly(f"OSError: {full}") == "disk full: /runs/graz/checkpoints/x could not be written"


def test_a_disk_that_is_really_full() -> None:
    def write() -> None:
        Path("/dev/full").write_bytes(b"x")

    assert plainly(raised(write)) == "disk full"
