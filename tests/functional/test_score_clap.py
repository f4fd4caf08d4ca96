"""A score with CLAP from the command line, end to end, with random weights in the layout of LAION's file."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import torch

from ravetui.config import DataSettings
from ravetui.engine.data.prepare import prepare
from ravetui.engine.launch.start import start_run
from ravetui.engine.launch.stop import wait_for
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.workspace import make_workspace
from tests.laion import official_layout, random_laion_clap
from tests.terminal import RAVETUI
from tests.workspaces import small_run, write_tones

pytestmark = pytest.mark.filterwarnings("ignore:torch.meshgrid:UserWarning")


def test_two_checkpoints_are_scored_with_clap_and_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    weights = tmp_path / "random.pt"
    torch.save(official_layout(random_laion_clap(seed=0)), weights)
    workspace = make_workspace(tmp_path / "ws")
    write_tones(workspace.root / "audio", files=12, seconds=10.5)
    settings = DataSettings(validation_fraction=0.5, join_seconds=2.0)
    prepare(workspace.dataset_path("tones"), [workspace.root / "audio"], settings, lambda _done, _note: None)
    run = small_run(workspace, "one")
    start_run(run)
    wait_for(run, lambda state: not state.is_live, 120)
    newest, older = (str(item.step) for item in list_checkpoints(run)[:2])

    def ravetui(*words: str) -> Any:
        argv = [RAVETUI, *words, "--json"]
        done = subprocess.run(
            argv, capture_output=True, text=True, cwd=workspace.root, env=os.environ, timeout=600, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    ravetui("clap", "convert", str(weights))
    document = ravetui("score", "one", "--checkpoint", newest, "--against", older, "--seconds", "50")
    assert document["embedder"] == "clap", "auto is CLAP once its weights are there"
    assert document["embedder_version"].startswith("1-")
    assert (document["n"], document["n_files"]) == (5, 5), "windows of ten seconds"
    assert any("too few" in sentence for sentence in document["warnings"])
    assert document["metrics"]["kid"]["value"] is not None
    assert document["against"]["checkpoint"] == int(older)
    assert document["against"]["n"] == 5
    assert {"kid", "fad", "paired_distance", "spectral_distance"} <= set(document["against"]["metrics"])
    for one in document["drivers"]["scored"]:
        assert (run.path / one["path"]).is_file()
