"""Tensors to a safetensors file, with the checksum of what was meant to be in it.

The library's own writer keeps the interpreter's lock until the file is written, which would stall training, and does
not say what it wrote. Its reader reads these files.
"""

import json
import struct
from collections.abc import Mapping
from pathlib import Path

import torch
import xxhash
from torch import Tensor

_TYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> str:
    """Write tensors of host memory (https://github.com/huggingface/safetensors, "Format").

    Returns:
        xxh3 of the bytes, computed from memory, so that reading the file back can show that they arrived.

    Raises:
        OSError: The disk is full.
    """
    # The widest first, so that each begins at a multiple of its width; then by name, so that equal states are equal
    # files.
    order = sorted(tensors, key=lambda name: (-tensors[name].element_size(), name))
    header: dict[str, object] = {}
    end = 0
    for name in order:
        tensor = tensors[name]
        begin, end = end, end + tensor.nbytes
        shape = list(tensor.shape)
        header[name] = {"dtype": _TYPES[tensor.dtype], "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    hasher = xxhash.xxh3_128()
    with path.open("wb", buffering=0) as file:
        for part in (memoryview(struct.pack("<Q", len(text)) + text), *(_bytes(tensors[name]) for name in order)):
            hasher.update(part)
            left = part
            while left:
                left = left[file.write(left) :]
    return hasher.hexdigest()


def _bytes(tensor: Tensor) -> memoryview:
    return tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data
