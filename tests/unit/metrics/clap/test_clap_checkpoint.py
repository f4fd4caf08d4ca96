import collections
import io
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ravetui.errors import ScoreError
from ravetui.metrics.clap.checkpoint import _pickle_module, read_audio_tensors
from ravetui.metrics.clap.layout import entries
from ravetui.metrics.clap.weights import find_weights, weights_path


def tensors() -> dict[str, torch.Tensor]:
    """The whole audio half, of zeros that take no room."""
    return {entry.name: torch.zeros(()).expand(entry.shape) for entry in entries()}


def checkpoint(path: Path, state: dict[str, Any], **more: Any) -> Path:
    ordered = collections.OrderedDict((f"module.{name}", value) for name, value in state.items())
    document = {"epoch": 15, "name": "x", "best": np.float64(0.9), "state_dict": ordered, **more}
    torch.save(document, path, pickle_protocol=more.get("protocol", 2))
    return path


class Runs:
    """Runs a command when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        import os

        return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize("protocol", [2, 4])
def test_the_official_layout_is_read(tmp_path: Path, protocol: int) -> None:
    state = {**tensors(), "text_branch.embeddings.position_ids": torch.arange(5), "logit_scale_a": torch.ones(())}
    read = read_audio_tensors(checkpoint(tmp_path / "c.pt", state, protocol=protocol))
    assert set(read) == set(tensors())


@pytest.mark.parametrize("protocol", [2, 4])
def test_code_is_refused_by_name_and_not_run(tmp_path: Path, protocol: int) -> None:
    mark = tmp_path / "ran"
    path = checkpoint(tmp_path / "c.pt", tensors(), protocol=protocol, extra=Runs(mark))
    with pytest.raises(ScoreError, match=r"posix\.system"):
        read_audio_tensors(path)
    assert not mark.exists()


@pytest.mark.parametrize(
    "name", ["builtins.eval", "builtins.getattr", "torch.storage._load_from_bytes", "numpy.load", "torch.hub.load"]
)
def test_every_other_name_is_refused(name: str) -> None:
    module, _, function = name.rpartition(".")
    stream = io.BytesIO(b"\x80\x02c" + f"{module}\n{function}\n".encode() + b".")
    with pytest.raises(pickle.UnpicklingError, match=name):
        _pickle_module().Unpickler(stream).load()


def test_what_is_missing_extra_or_of_another_shape_is_named(tmp_path: Path) -> None:
    state = tensors()
    del state["audio_branch.bn0.weight"]
    state["audio_branch.fusion_model.local_att.0.weight"] = torch.zeros(1)
    state["audio_projection.0.weight"] = torch.zeros(512, 768)
    with pytest.raises(ScoreError) as caught:
        read_audio_tensors(checkpoint(tmp_path / "c.pt", state))
    assert "missing: audio_branch.bn0.weight" in caught.value.message
    assert "extra: audio_branch.fusion_model.local_att.0.weight" in caught.value.message
    assert "of another shape: audio_projection.0.weight" in caught.value.message


def test_other_files_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(ScoreError, match="There is no"):
        read_audio_tensors(tmp_path / "none.pt")
    for name, content in (("text.pt", b"<html>"), ("empty.pt", b""), ("cut.pt", b"PK\x03\x04" + b"\0" * 50)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ScoreError, match=f"{name} cannot be read as a checkpoint"):
            read_audio_tensors(tmp_path / name)
    torch.save([1, 2], tmp_path / "list.pt")
    with pytest.raises(ScoreError, match="no state_dict"):
        read_audio_tensors(tmp_path / "list.pt")


def test_a_damaged_cache_and_none_are_sentences(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(ScoreError) as caught:
        find_weights()
    assert "ravetui clap fetch" in caught.value.remedy
    weights_path().parent.mkdir(parents=True)
    weights_path().write_bytes(b"\x08\0\0\0\0\0\0\0not json")
    with pytest.raises(ScoreError, match="cannot be used"):
        find_weights()


def test_looking_for_weights_imports_nothing_heavy() -> None:
    program = (
        "import sys; import ravetui.metrics.clap.weights, ravetui.metrics.clap.embedder; "
        "sys.exit(' '.join({'torch', 'transformers', 'safetensors', 'scipy'} & sys.modules.keys()) or 0)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
