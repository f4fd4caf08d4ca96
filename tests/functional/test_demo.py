"""``make demo`` without a terminal: the main job, whole, as the README promises it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tests.terminal import RAVETUI, Terminal


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished demo's folder, with what it printed beside it."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    done = subprocess.run(
        [RAVETUI, "demo", str(folder), "--json"], capture_output=True, text=True, timeout=420, check=False
    )
    assert done.returncode == 0, done.stderr
    folder.with_name("out.json").write_text(done.stdout)
    folder.with_name("err.txt").write_text(done.stderr)
    return folder


def test_it_trains_through_both_phases_and_scores(demo: Path) -> None:
    document = json.loads(demo.with_name("out.json").read_text())
    assert document["state"] == "finished"
    assert document["transitions"] == [{"phase": 2, "step": 600}]
    assert document["validation"]["last"] < document["validation"]["first"]
    metrics = document["score"]["metrics"]
    assert {"fad", "kid", "vendi"} <= set(metrics)
    assert metrics["kid"]["low"] < metrics["kid"]["value"] < metrics["kid"]["high"]
    assert "not CLAP" in document["score"]["embedder_label"]
    assert document["score"]["reference"] == "validation"


def test_it_shows_progress_on_standard_error(demo: Path) -> None:
    said = demo.with_name("err.txt").read_text()
    assert "phase 1" in said
    assert "phase 2" in said
    assert "scoring" in said


def test_samples_are_audio_as_long_as_their_originals(demo: Path) -> None:
    document = json.loads(demo.with_name("out.json").read_text())
    (run,) = (demo / "runs").glob("tiny-*")
    manifest = json.loads((run / "samples" / "step-000000900" / "manifest.json").read_text())
    assert len(document["samples"]) == len(manifest["clips"]) > 0
    for path, clip in zip(document["samples"], manifest["clips"], strict=True):
        made, rate = soundfile.read(path)
        original, _ = soundfile.read(run / "samples" / "step-000000900" / clip["original"])
        assert len(made) == len(original)
        assert len(made) / rate == pytest.approx(clip["seconds"], abs=1e-3)
        assert abs(made).max() > 0.01


def test_its_commands_work_on_it(demo: Path) -> None:
    def ask(*words: str) -> Any:
        done = subprocess.run(
            [RAVETUI, "-w", str(demo), *words, "--json"], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    listed = ask("run", "list")
    assert [item["run"] for item in listed] == ["tiny-1"]
    rendered = ask("sample", "tiny-1", "--checkpoint", "600")
    assert rendered["phase"] == 1
    scored = ask("score", "tiny-1", "--checkpoint", "600", "--reference", "train", "--seconds", "24")
    assert scored["checkpoint"] == 600
    assert scored["reference"] == "train"


def test_an_unknown_checkpoint_is_refused_in_a_sentence(demo: Path) -> None:
    done = subprocess.run(
        [RAVETUI, "-w", str(demo), "score", "tiny-1", "--checkpoint", "123", "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "no checkpoint '123'" in json.loads(done.stdout)["message"]
    assert "Traceback" not in done.stderr


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    done = subprocess.run(
        [RAVETUI, "demo", str(tmp_path), "--json"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_in_a_terminal_it_opens_the_screen_on_the_training_run(tmp_path: Path) -> None:
    with Terminal([RAVETUI, "demo", str(tmp_path / "demo")]) as terminal:
        terminal.wait_for("tiny-1 · training")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
        assert "1 run goes on training" in terminal.text
    subprocess.run([RAVETUI, "-w", str(tmp_path / "demo"), "run", "stop", "tiny-1"], timeout=60, check=True)
    subprocess.run([RAVETUI, "-w", str(tmp_path / "demo"), "run", "wait", "tiny-1"], timeout=60, check=True)
