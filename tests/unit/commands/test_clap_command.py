import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ravetui.metrics.clap.layout import entries
from ravetui.metrics.clap.weights import weights_path
from tests.file_server import serving


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "ravetui" / "clap"


def ravetui(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "ravetui", *words], capture_output=True, text=True, check=False)


def test_fetch_convert_and_show(cache: Path, tmp_path: Path) -> None:
    none = ravetui("clap", "show")
    assert none.returncode == 0
    assert "ravetui clap fetch" in none.stdout
    assert json.loads(ravetui("clap", "show", "--json").stdout)["there"] is False

    state = {f"module.{entry.name}": torch.zeros(()).expand(entry.shape) for entry in entries()}
    torch.save({"state_dict": state}, tmp_path / "zeros.pt")
    content = (tmp_path / "zeros.pt").read_bytes()
    with serving(content) as server:
        server.cuts = [len(content) // 2]
        done = ravetui("clap", "fetch", "--url", server.url, "--json")
    assert done.returncode == 0, done.stderr
    assert "fetching 100 %" in done.stderr
    document = json.loads(done.stdout)
    assert document["source_sha256"] == hashlib.sha256(content).hexdigest()
    assert document["url"] == server.url
    # The download itself is gone; the audio half is there.
    assert sorted(path.name for path in cache.iterdir()) == ["fetch.lock", weights_path().name]
    assert json.loads(ravetui("clap", "show", "--json").stdout) == document

    converted = json.loads(ravetui("clap", "convert", str(tmp_path / "zeros.pt"), "--json").stdout)
    assert (converted["sha256"], converted["url"]) == (document["sha256"], "")
    assert (tmp_path / "zeros.pt").exists()

    with weights_path().open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x01")
    damaged = ravetui("clap", "show")
    assert damaged.returncode == 1
    assert "checksum" in damaged.stderr


def test_a_wrong_file_changes_nothing(cache: Path, tmp_path: Path) -> None:
    with serving(b"<html>not a checkpoint") as server:
        wrong = ravetui("clap", "fetch", "--url", server.url, "--sha256", "00" * 32)
        page = ravetui("clap", "fetch", "--url", server.url)
    assert (wrong.returncode, page.returncode) == (1, 1)
    assert "SHA-256" in wrong.stderr
    assert "cannot be read as a checkpoint" in page.stderr
    assert not weights_path().exists()
