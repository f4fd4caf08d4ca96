"""`ravetui score` and `ravetui sample` of a run that `rave train` wrote: heard and judged, and never touched."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

from ravetui.config import DataSettings
from ravetui.engine.data.prepare import prepare
from ravetui.runs.foreign.importing import import_folder
from ravetui.runs.workspace import Workspace
from tests.acids_checkpoint import STEP, run_with_weights
from tests.calling import Ravetui, done, ravetui
from tests.event_files import NAME, PIANO, copied, fingerprint, write_events
from tests.run_maker import MadeRun, workspace_in
from tests.workspaces import write_tones

__all__ = ["ravetui"]

AT = ("--checkpoint", "epoch_200", "--embedder", "mel", "--seconds", "24")


@pytest.fixture
def audio(tmp_path: Path) -> Path:
    write_tones(tmp_path / "audio", files=6, seconds=4.5)
    return tmp_path / "audio"


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Path]:
    """A real run with weights, which nothing may change."""
    found = run_with_weights(tmp_path / "source")
    before = fingerprint(found)
    yield found
    assert fingerprint(found) == before


@pytest.fixture
def workspace(tmp_path: Path, source: Path) -> Workspace:
    made = workspace_in(tmp_path / "ws")
    import_folder(made, source)
    return Workspace(made.root)


def test_it_is_scored_on_a_folder_that_is_said_once(ravetui: Ravetui, workspace: Workspace, audio: Path) -> None:
    code, _, err = ravetui("score", PIANO.name, *AT)
    assert code == 1
    assert "What piano_11db71167f was trained on is not written in its folder" in err
    assert "--data" in err
    first = done(ravetui("score", PIANO.name, *AT, "--data", str(audio), "--json"))
    assert (first["run"], first["checkpoint"], first["phase"], first["n_files"]) == (PIANO.name, STEP, 1, 6)
    assert first["metrics"]["spectral_distance"]["value"] > 0
    assert first["metrics"]["memorised"]["value"] is None
    assert "is not written down" in first["warnings"][1]
    again = done(ravetui("score", PIANO.name, *AT, "--json"))
    assert again["identity"] == first["identity"]
    kept = workspace.root / "foreign" / PIANO.name
    made, rate = soundfile.read(kept / first["drivers"]["scored"][0]["path"])
    assert (rate, len(made)) == (44100, 4 * 44100)
    shown = done(ravetui("run", "show", PIANO.name, "--json"))
    assert [(score["checkpoint"], score["embedder"]) for score in shown["scores"]] == [(STEP, "mel")]


def test_a_dataset_at_another_rate_goes_through_it_too(ravetui: Ravetui, workspace: Workspace, audio: Path) -> None:
    settings = DataSettings(sampling_rate=32000, validation_fraction=0.5, join_seconds=0.5)
    prepare(workspace.dataset_path("tones"), [audio], settings, lambda _done, _note: None)
    found = done(ravetui("score", PIANO.name, *AT, "--data", "tones", "--json"))
    assert found["n_files"] == 3
    assert found["metrics"]["spectral_distance"]["value"] > 0
    against = done(ravetui("score", PIANO.name, *AT, "--reference", "train", "--json"))
    assert against["reference"] == "train"
    assert any("what it was trained on" in text for text in against["warnings"])
    code, _, err = ravetui("score", PIANO.name, *AT, "--data", str(audio), "--reference", "train")
    assert code == 1
    assert "what was trained on is not known" in err


def test_its_checkpoint_is_rendered_to_be_heard(ravetui: Ravetui, workspace: Workspace, audio: Path) -> None:
    found = done(ravetui("sample", PIANO.name, "--checkpoint", "200", "--data", str(audio), "--json"))
    assert len(found["samples"]) == 6
    assert len({sample["name"] for sample in found["samples"]}) == 6
    for sample in found["samples"]:
        made, original = Path(sample["reconstruction"]), Path(sample["original"])
        assert made.is_relative_to(workspace.root / "foreign" / PIANO.name / "samples")
        assert soundfile.info(made).frames == soundfile.info(original).frames == round(4.5 * 44100)
        assert sample["distance"] > 0
    before = Path(found["samples"][0]["reconstruction"]).stat().st_mtime_ns
    again = done(ravetui("sample", PIANO.name, "--checkpoint", "200", "--json"))
    assert again == found
    assert Path(found["samples"][0]["reconstruction"]).stat().st_mtime_ns == before


def test_what_cannot_be_rendered_says_why(
    ravetui: Ravetui, workspace: Workspace, audio: Path, tmp_path: Path, source: Path
) -> None:
    code, _, err = ravetui("score", PIANO.name, "--checkpoint", "871", "--data", str(audio))
    assert code == 1
    assert "is no whole checkpoint" in err, "its tensors were cut out"
    code, _, err = ravetui("score", PIANO.name, "--checkpoint", "7")
    assert code == 1
    assert "has no checkpoint '7'" in err
    code, _, err = ravetui("score", PIANO.name, "--data", "nothing")
    assert code == 1
    assert "nothing is neither a dataset of this workspace nor a folder" in err
    write_events(tmp_path / "logs" / NAME, [("loss", 1, 0.5)])
    mel = copied(PIANO, tmp_path / "mel")
    (mel / "config.gin").write_text((mel / "config.gin").read_text().replace("'pqmf'", "'mel'", 1))
    for folder in (tmp_path / "logs", mel):
        import_folder(Workspace(workspace.root), folder, "other")
        code, _, err = ravetui("score", "other", "--data", str(audio))
        assert code == 1
        assert ("only checkpoints of acids-rave" in err) if folder.name == "logs" else "RAVE.input_mode = mel" in err
        text = (workspace.root / "config.toml").read_text()
        (workspace.root / "config.toml").write_text(text[: text.rindex("[[sources]]")])


def test_our_own_runs_know_their_data(ravetui: Ravetui, workspace: Workspace, audio: Path) -> None:
    MadeRun(workspace, "mine").begin().train(10)
    for command in ("score", "sample"):
        code, _, err = ravetui(command, "mine", "--data", str(audio))
        assert code == 1
        assert "mine knows what it was trained on" in err


def test_a_folder_that_has_gone_is_named(ravetui: Ravetui, audio: Path) -> None:
    done(ravetui("score", PIANO.name, *AT, "--data", str(audio), "--json"))
    shutil.rmtree(audio)
    code, _, err = ravetui("score", PIANO.name, *AT)
    assert code == 1
    assert f"There is no folder {audio}" in err
