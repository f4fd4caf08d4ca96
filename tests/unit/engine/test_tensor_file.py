from pathlib import Path

import pytest
import torch
import xxhash
from safetensors.torch import load_file
from torch import Tensor

from ravetui.engine.tensor_file import write_tensors

TENSORS = {
    "weight": torch.randn(3, 5, 7),
    "count": torch.tensor(7),
    "flag": torch.tensor([True, False, True]),
    "half": torch.randn(3).bfloat16(),
    "none": torch.empty(0, 4),
    "turned": torch.randn(4, 6).T,
    "ünïcode": torch.arange(5, dtype=torch.int16),
}


@pytest.mark.parametrize("tensors", [TENSORS, {}], ids=["all kinds", "no tensor"])
def test_the_librarys_reader_reads_the_same_bits(tmp_path: Path, tensors: dict[str, Tensor]) -> None:
    digest = write_tensors(tmp_path / "file", tensors)
    found = load_file(tmp_path / "file")
    assert set(found) == set(tensors)
    for name, tensor in tensors.items():
        assert found[name].dtype == tensor.dtype
        assert torch.equal(found[name], tensor), name
    assert digest == xxhash.xxh3_128_hexdigest((tmp_path / "file").read_bytes())


def test_equal_tensors_are_equal_files_in_whatever_order(tmp_path: Path) -> None:
    backwards = dict(reversed(TENSORS.items()))
    assert write_tensors(tmp_path / "one", TENSORS) == write_tensors(tmp_path / "two", backwards)
