"""A .ckpt of acids-rave: read without running anything of it, or refused in one sentence."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from ravetui.engine.foreign.checkpoint import load_network
from ravetui.errors import CheckpointError
from ravetui.runs.foreign.described import described_model
from ravetui.runs.foreign.gin import read_config
from ravetui.runs.model_spec import ModelSpec
from tests.acids_checkpoint import state_dict, write_checkpoint
from tests.event_files import PIANO, RUNS, STRINGS

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def spec() -> ModelSpec:
    return described_model(read_config(PIANO / "config.gin"))


class Harmful:
    """Runs a command when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


def test_a_real_checkpoint_renders_what_the_program_rendered(spec: ModelSpec, tmp_path: Path) -> None:
    found = load_network(write_checkpoint(tmp_path / "a.ckpt", state_dict()), spec, CPU)
    assert (found.channels, found.noise) == (1, False), "of phase 1: its noise is not heard yet"
    with np.load(RUNS.parent / "acids_rave_v1.npz") as arrays, torch.no_grad():
        y, theirs = found.rave(torch.from_numpy(arrays["x"]), noise=found.noise), arrays["y_ends"]
    eighth = y.shape[-1] // 8
    ours = torch.cat([y[..., :eighth], y[..., -eighth:]], dim=-1).numpy()
    assert np.abs(ours - theirs).max() <= 1e-5 * np.abs(theirs).max()


def test_of_phase_2_its_noise_is_heard(spec: ModelSpec, tmp_path: Path) -> None:
    state = {**state_dict(), "decoder.warmed_up": torch.tensor(1)}
    assert load_network(write_checkpoint(tmp_path / "a.ckpt", state), spec, CPU).noise


def test_code_in_a_checkpoint_is_refused_and_not_run(spec: ModelSpec, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    path = write_checkpoint(tmp_path / "a.ckpt", {**state_dict(), "more": Harmful(mark)})
    with pytest.raises(CheckpointError, match=r"a\.ckpt is not read: it would run posix\.system"):
        load_network(path, spec, CPU)
    assert not mark.exists()


def test_a_torn_or_empty_checkpoint_is_named(spec: ModelSpec, tmp_path: Path) -> None:
    whole = write_checkpoint(tmp_path / "a.ckpt", state_dict()).read_bytes()
    for length in (0, 100, len(whole) // 2, len(whole) - 30):
        (tmp_path / "a.ckpt").write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match=r"a\.ckpt is n"):
            load_network(tmp_path / "a.ckpt", spec, CPU)
    with pytest.raises(CheckpointError, match=r"b\.ckpt cannot be read"):
        load_network(tmp_path / "b.ckpt", spec, CPU)


def test_one_without_its_tensors_or_of_another_configuration_is_refused(spec: ModelSpec, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no encoder that is one of ours"):
        load_network(write_checkpoint(tmp_path / "a.ckpt", {}), spec, CPU)
    path = write_checkpoint(tmp_path / "b.ckpt", state_dict())
    with pytest.raises(CheckpointError, match="it is another model"):
        load_network(path, described_model(read_config(STRINGS / "config.gin")), CPU)
    wider = ModelSpec(**{**vars(spec), "latent_size": 64})
    with pytest.raises(CheckpointError, match=r"does not fit its config\.gin: size mismatch for encoder"):
        load_network(path, wider, CPU)
