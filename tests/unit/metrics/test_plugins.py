import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ravetui.errors import ScoreError
from ravetui.metrics.embed import embed_files
from ravetui.metrics.embedders import make_embedder
from ravetui.metrics.plugins import plugin_embedders

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "example_embedder"


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages, on the path."""
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return tmp_path / "site"


def install(site: Path, name: str, source: str, reference: str) -> None:
    """What pip leaves of a package with one module and one entry point."""
    site.mkdir(exist_ok=True)
    (site / f"{name}_module.py").write_text(source)
    info = site / f"{name}_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[ravetui.embedders]\n{name} = {name}_module:{reference}\n")


def test_the_documented_example_is_installed_found_and_used(packages: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(packages), str(EXAMPLE)]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert plugin_embedders()["loudness"].sentence == "From the package ravetui-loudness 0.1."
    sounds = [np.full(8000, 0.1, np.float32), np.zeros(3000, np.float32)]
    made = embed_files(sounds, make_embedder("loudness", 8000), None, lambda done: None)
    assert made.files.tolist() == [0, 0, 1]
    assert made.values[0] == pytest.approx([-20, 0], abs=1e-4)


@pytest.mark.parametrize(
    ("source", "reference", "why"),
    [
        ("import nothing_like_it", "Made", "No module named 'nothing_like_it'"),
        ("", "Made", "no attribute 'Made'"),
        ("def make(rate): raise RuntimeError('no weights')", "make", "RuntimeError: no weights"),
        ("def make(rate): return 3", "make", "it has no name, label, version"),
    ],
)
def test_a_broken_one_is_named_and_the_rest_works(packages: Path, source: str, reference: str, why: str) -> None:
    name = f"broken{abs(hash((source, reference)))}"
    install(packages, name, source, reference)
    assert name in plugin_embedders()
    assert make_embedder("mel", 8000).name == "mel"
    with pytest.raises(ScoreError) as caught:
        make_embedder(name, 8000)
    assert f"The embedder {name} of {name}-package 1.0 cannot be used" in caught.value.message
    assert why in caught.value.message


def test_a_name_of_ours_cannot_be_taken(packages: Path) -> None:
    install(packages, "mel", "def make(rate): return 3", "make")
    assert "mel" not in plugin_embedders()
    assert make_embedder("mel", 8000).dimensions == 64


def test_an_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(ScoreError, match="no embedder 'nme'") as caught:
        make_embedder("nme", 8000)
    assert "mel, clap" in caught.value.remedy


def test_clap_without_weights_says_how_to_get_them_and_auto_is_mel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(ScoreError) as caught:
        make_embedder("clap", 44100)
    assert "ravetui clap fetch" in caught.value.remedy
    assert "not CLAP" in make_embedder("auto", 44100).label


def test_an_embedder_that_breaks_its_promise_is_named(packages: Path) -> None:
    class Wrong(type(make_embedder("mel", 8000))):  # type: ignore[misc]
        dimensions = 3

    with pytest.raises(ScoreError, match=r"shape \(1, 64\) of 1 windows, not \(1, 3\)"):
        embed_files([np.ones(8000, np.float32)], Wrong(8000), None, lambda done: None)
