"""Memory that a loader worker fills and the trainer reads."""

import math
import mmap
import os

import numpy as np
from numpy.typing import NDArray

COUNT = 3
"""Two batches may be ordered while the trainer still uses one."""


def allocate(shape: tuple[int, int, int]) -> int:
    """A descriptor of anonymous memory for ``COUNT`` batches of float32; it is gone with the last process that has it.

    Unlike ``/dev/shm`` it needs no name, leaves nothing behind and is not limited to a container's 64 MB.
    """
    memory = os.memfd_create("batches")
    os.ftruncate(memory, COUNT * math.prod(shape) * 4)
    return memory


def attach(memory: int, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """The batches in it, (COUNT, batch, channels, crop); closes the descriptor, as the array keeps the memory."""
    mapped = mmap.mmap(memory, COUNT * math.prod(shape) * 4)
    os.close(memory)
    return np.frombuffer(mapped, np.float32).reshape(COUNT, *shape)
