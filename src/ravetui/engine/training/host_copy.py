"""The tensors of a training state as they were at one step, in host memory."""

from collections.abc import Mapping

import torch
from torch import Tensor

Tensors = Mapping[str, Mapping[str, Tensor]]
"""File name to tensor name to tensor."""


class HostCopy:
    """Buffers that each copy is made into anew: pinned where the state is on a GPU, allocated once."""

    def __init__(self) -> None:
        self._buffers: dict[str, dict[str, Tensor]] = {}

    def take(self, tensors: Tensors) -> Tensors:
        """Copy, and return when the copy is whole; it holds until the next one is taken.

        A tensor that was not there before, such as a moment that the next phase begins, gets a buffer.
        """
        self._buffers = {
            file: {name: _into(self._buffers.get(file, {}).get(name), tensor) for name, tensor in named.items()}
            for file, named in tensors.items()
        }
        if any(tensor.is_cuda for named in tensors.values() for tensor in named.values()):
            torch.cuda.synchronize()
        return self._buffers


def _into(buffer: Tensor | None, tensor: Tensor) -> Tensor:
    if buffer is None or buffer.shape != tensor.shape or buffer.dtype != tensor.dtype:
        buffer = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=tensor.is_cuda)
    return buffer.copy_(tensor.detach(), non_blocking=True)
