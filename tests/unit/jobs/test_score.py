"""Scoring a real, small run: what a score says, what is found again, and what it is compared with."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from ravetui.config import DataSettings
from ravetui.engine.data.prepare import prepare
from ravetui.engine.launch.start import start_run
from ravetui.engine.launch.stop import wait_for
from ravetui.errors import NotInCacheError, RunError, ScoreError
from ravetui.jobs.score import score
from ravetui.jobs.scoring.plan import make_plan
from ravetui.jobs.scoring.request import ScoreRequest
from ravetui.metrics.cache import EmbeddingCache
from ravetui.metrics.stored import compare_scores
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.folder import RunFolder
from ravetui.runs.scores import list_scores
from ravetui.runs.workspace import Workspace, make_workspace
from tests.workspaces import small_run, write_tones

CACHE_BYTES = 100_000_000


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFolder]:
    """A finished run on 24 files, half of them kept from training."""
    root = tmp_path_factory.mktemp("scored")
    workspace = make_workspace(root)
    write_tones(root / "audio", files=24, seconds=8.0)
    settings = DataSettings(validation_fraction=0.5, join_seconds=2.0)
    prepare(workspace.dataset_path("tones"), [root / "audio"], settings, lambda _done, _note: None)
    run = small_run(workspace, "one")
    start_run(run)
    wait_for(run, lambda state: not state.is_live, 120)
    yield run


def request(run: RunFolder, **changes: Any) -> ScoreRequest:
    step = list_checkpoints(run)[0].step
    return replace(ScoreRequest(run, step, "mel", "validation", 48.0), **changes)


def silent(_done: float, _note: str) -> None:
    """Nobody looks."""


@pytest.fixture(scope="module")
def document(trained: RunFolder) -> dict[str, Any]:
    return score(request(trained), silent)


def test_it_says_everything_that_a_score_says(trained: RunFolder, document: dict[str, Any]) -> None:
    assert {"run", "checkpoint", "embedder", "reference", "n", "metrics", "warnings", "drivers", "bandwidth"} <= set(
        document
    )
    assert document["n_files"] == 12
    assert {"kid", "fad", "paired_distance", "recognised", "spectral_distance", "memorised"} <= set(document["metrics"])
    assert "kid_compat" not in document["metrics"]
    json.dumps(document, allow_nan=False)
    assert list_scores(trained)[0].document["identity"] == document["identity"]


def test_the_clips_that_drive_the_distance_can_be_heard(trained: RunFolder, document: dict[str, Any]) -> None:
    drivers = document["drivers"]["scored"]
    shares = [one["share"] for one in drivers]
    assert shares == sorted(shares, reverse=True)
    for one in drivers:
        made, rate = soundfile.read(trained.path / one["path"])
        original, _ = soundfile.read(trained.path / one["original"])
        assert len(made) == len(original) == 4 * rate
        assert 0 <= one["at"] < 4


def test_the_same_score_is_not_made_twice(trained: RunFolder, document: dict[str, Any]) -> None:
    before = len(list_scores(trained))
    assert score(request(trained), silent)["identity"] == document["identity"]
    assert len(list_scores(trained)) == before


def test_scoring_again_loads_no_torch(trained: RunFolder, document: dict[str, Any]) -> None:
    """Neither what was scored, which needs no numpy either, nor other numbers of what was embedded."""
    program = (
        "import sys; from pathlib import Path; from ravetui.jobs.score import score;"
        "from ravetui.jobs.scoring.request import ScoreRequest; from ravetui.runs.folder import RunFolder;"
        "run, compat = RunFolder(Path(sys.argv[1])), sys.argv[2] == 'compat';"
        "made = score(ScoreRequest(run, int(sys.argv[3]), 'mel', 'validation', 48.0, compat), lambda *said: None);"
        "print(made['identity'], *({'torch', 'scipy', 'soxr', 'transformers', *['numpy'][compat:]} & set(sys.modules)))"
    )
    for kind in ("same", "compat"):
        argv = [sys.executable, "-c", program, str(trained.path), kind, str(document["checkpoint"])]
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        (identity,) = done.stdout.split()
        assert (identity == document["identity"]) == (kind == "same")


def test_more_clips_render_only_the_new_ones(trained: RunFolder, document: dict[str, Any]) -> None:
    more = make_plan(request(trained, seconds=80.0))
    known = set(document["sounds"]["scored"])
    rendered: list[str] = []
    render = more.made.render
    more.made.render = lambda original: rendered.append(original.name) or render(original)  # type: ignore[method-assign,func-returns-value]
    from ravetui.jobs.scoring.measuring import measure
    from ravetui.jobs.scoring.stages import Stages

    found = measure(more, Stages(silent, {}))
    assert found.generated.n_files == 20
    assert len(rendered) == sum(item.hex not in known for item in more.scored) < 20


def test_a_checkpoint_is_compared_with_another_on_the_same_clips(trained: RunFolder, document: dict[str, Any]) -> None:
    earlier = score(request(trained, step=list_checkpoints(trained)[-1].step), silent)
    cache = EmbeddingCache(CACHE_BYTES)
    there, back = compare_scores(earlier, document, cache), compare_scores(document, earlier, cache)
    assert there.n_files == 12
    for name, one in there.differences.items():
        assert one.value == pytest.approx(-back.differences[name].value)
        assert {one.verdict, back.differences[name].verdict} in ({"better", "worse"}, {"cannot tell"})
    means = [d["metrics"]["spectral_distance"]["value"] for d in (earlier, document)]
    assert there.differences["spectral_distance"].value == pytest.approx(means[1] - means[0])
    kids = [d["metrics"]["kid"]["value"] for d in (earlier, document)]
    assert there.differences["kid"].value == pytest.approx(kids[1] - kids[0], rel=1e-6)


def test_a_comparison_says_what_it_lacks(tmp_path: Path, document: dict[str, Any]) -> None:
    with pytest.raises(NotInCacheError, match="not in the cache"):
        compare_scores(document, document, EmbeddingCache(CACHE_BYTES, tmp_path))
    other = {**document, "sounds": {**document["sounds"], "reference": []}}
    with pytest.raises(ScoreError, match="different references"):
        compare_scores(document, other, EmbeddingCache(CACHE_BYTES))
    old = {key: value for key, value in document.items() if key != "embedding"}
    with pytest.raises(ScoreError, match="earlier version"):
        compare_scores(old, old, EmbeddingCache(CACHE_BYTES))


def test_a_folder_and_another_run_are_references(trained: RunFolder, tmp_path: Path) -> None:
    write_tones(tmp_path / "set", files=9, seconds=5.0, rate=22050)
    found = score(request(trained, reference=str(tmp_path / "set")), silent)
    assert found["reference"] == "folder set"
    assert found["reference_files"] == 9
    for one in found["drivers"]["reference"]:
        assert Path(one["path"]).is_file()
    workspace = Workspace(trained.path.parent.parent)
    of_run = score(request(trained, reference="run:one"), silent)
    assert of_run["reference"].startswith("run one at step ")
    assert any("too few" in sentence for sentence in of_run["warnings"])
    assert workspace.run("one") == trained


def test_audio_that_was_trained_on_is_found_in_a_reference(trained: RunFolder) -> None:
    audio = trained.path.parent.parent / "audio"
    found = score(request(trained, reference=str(audio), seconds=200.0), silent)
    assert any("files that it was trained on" in sentence for sentence in found["warnings"])
    learnt = score(request(trained, reference="train"), silent)
    assert any("learnt" in sentence for sentence in learnt["warnings"])
    assert learnt["metrics"]["memorised"]["value"] is None


def test_a_reference_that_is_not_there_is_named(trained: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(ScoreError, match="no such folder"):
        make_plan(request(trained, reference="nonsense"))
    with pytest.raises(ScoreError, match="no audio file"):
        make_plan(request(trained, reference=str(tmp_path)))
    (tmp_path / "noise.wav").write_bytes(np.arange(100, dtype=np.int16).tobytes())
    with pytest.raises(ScoreError, match=r"noise\.wav cannot be read"):
        make_plan(request(trained, reference=str(tmp_path)))
    with pytest.raises(RunError, match="no run 'other'"):
        make_plan(request(trained, reference="run:other"))
