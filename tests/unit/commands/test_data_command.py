import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from ravetui.engine.presets import find_preset
from ravetui.runs.workspace import make_workspace

MAIN = [sys.executable, "-c", "from ravetui.cli import main; main()"]


def ravetui(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "200"}
    return subprocess.run([*MAIN, *words], cwd=root, env=environment, capture_output=True, text=True, timeout=60)


def document(result: subprocess.CompletedProcess[str]) -> Any:
    """Standard output, which must be one JSON document and nothing else."""
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace at 8 kHz for the tiny preset, with a folder of usable and unusable sources beside it."""
    workspace = make_workspace(tmp_path / "ws")
    config = workspace.root / "config.toml"
    text = config.read_text().replace("44100", "8000").replace('"v1"', '"tiny"').replace("12.0", "3.0")
    config.write_text(text)
    sources = tmp_path / "sources"
    sources.mkdir()
    random = np.random.default_rng(0)
    for number, (name, rate, channels, seconds) in enumerate(
        [("a b.wav", 8000, 1, 10), ("ü.flac", 16000, 2, 8), ("c.ogg", 22050, 1, 6), ("d.wav", 8000, 1, 1)]
    ):
        soundfile.write(sources / name, random.normal(0, 0.1, (seconds * rate + number, channels)), rate)
    (sources / "text.wav").write_text("no audio")
    (sources / "cover.jpg").write_text("no audio")
    soundfile.write(sources / "silent.wav", np.zeros(8000), 8000)
    return workspace.root


def test_prepare_reports_what_was_kept_and_what_was_skipped_and_why(root: Path) -> None:
    result = ravetui(root, "data", "prepare", "set", "../sources")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    for name in ("a b.wav", "ü.flac", "c.ogg", "d.wav"):
        (line,) = [line for line in lines if name in line]
        assert "train" in line or "validation" in line
    (line,) = [line for line in lines if "text.wav" in line]
    assert "unreadable: Format not recognised" in line
    (line,) = [line for line in lines if "silent.wav" in line]
    assert "its peak is zero" in line
    assert "not audio: 1 .jpg" in lines
    assert lines[-2].startswith("set: 4 kept, 2 skipped; ")
    assert lines[-1] == str(root / "data/set")
    assert "Preparing set 100 %" in result.stderr


def test_json_is_one_document_that_show_repeats(root: Path) -> None:
    made = document(ravetui(root, "data", "prepare", "set", "../sources", "--json"))
    assert made["name"] == "set"
    assert made["sampling_rate"] == 8000
    assert made["files"] == {"train": 3, "validation": 1, "skipped": 2}
    assert sum(made["seconds"].values()) == pytest.approx(25, abs=0.01)
    assert {Path(item["path"]).name: item["split"] for item in made["kept"]}.keys() == {
        "a b.wav",
        "ü.flac",
        "c.ogg",
        "d.wav",
    }
    assert {Path(item["path"]).name for item in made["skipped"]} == {"text.wav", "silent.wav"}
    assert made["ignored"] == {".jpg": 1}
    assert document(ravetui(root, "data", "show", "set", "--json")) == made
    (listed,) = document(ravetui(root, "data", "list", "--json"))
    assert listed["fingerprint"] == made["fingerprint"]
    assert "set" in ravetui(root, "data", "list").stdout
    assert "a b.wav" in ravetui(root, "data", "show", "set").stdout


def test_typed_options_win_over_the_config(root: Path) -> None:
    words = ("--sampling-rate", "16000", "--channels", "2", "--validation-fraction", "0.45")
    made = document(ravetui(root, "data", "prepare", "set", "../sources", "--json", *words))
    assert (made["sampling_rate"], made["channels"]) == (16000, 2)
    assert made["seconds"]["validation"] == pytest.approx(0.45 * 25, abs=5)


def test_too_little_audio_for_the_preset_is_said(root: Path) -> None:
    made = document(ravetui(root, "data", "prepare", "set", "../sources", "--json"))
    (warning,) = made["warnings"]
    assert "Too little audio for preset tiny" in warning
    crop = find_preset("tiny").training.crop / 8000
    assert f"Validation has 1.00 s at a stretch, and a crop is {crop:.2f} s." in warning
    assert warning in ravetui(root, "data", "show", "set").stdout
    random = np.random.default_rng(1)
    for number in range(5):
        soundfile.write(root.parent / f"sources/more{number}.wav", random.normal(0, 0.1, 80_000), 8000)
    assert document(ravetui(root, "data", "prepare", "more", "../sources", "--json"))["warnings"] == []


def test_clipping_and_a_single_file_are_warned_of(root: Path) -> None:
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, 8000 * 200)
    audio[:7] = 2.0
    soundfile.write(root.parent / "loud.wav", audio, 8000, subtype="FLOAT")
    made = document(ravetui(root, "data", "prepare", "set", "../loud.wav", "--json"))
    assert made["split_by"] == "time"
    assert made["warnings"] == [
        "1 file went beyond full scale: 7 samples were limited to it.",
        "There is a single file: its end is the validation split.",
    ]


def test_a_coarse_split_is_warned_of(root: Path) -> None:
    random = np.random.default_rng(0)
    paths = [root.parent / f"{name}.wav" for name in ("left", "right")]
    for path in paths:
        soundfile.write(path, random.normal(0, 0.1, 800_000), 8000)
    made = document(ravetui(root, "data", "prepare", "set", *map(str, paths), "--json"))
    (warning,) = made["warnings"]
    assert warning.startswith("Validation has 50% of the audio")


def test_failures_exit_1_with_a_sentence_and_a_remedy(root: Path) -> None:
    assert ravetui(root, "data", "prepare", "set", "../sources").returncode == 0
    again = ravetui(root, "data", "prepare", "set", "../sources", "--json")
    assert again.returncode == 1
    assert json.loads(again.stdout)["remedy"].startswith("Choose another name")
    nothing = ravetui(root, "data", "prepare", "none", "../sources/text.wav", "../sources/silent.wav")
    assert nothing.returncode == 1
    assert "text.wav: unreadable" in nothing.stderr
    assert "silent.wav: silent" in nothing.stderr
    assert nothing.stdout == ""
    missing = ravetui(root, "data", "show", "other")
    assert missing.returncode == 1
    assert "Datasets here: set." in missing.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("prepare",),
        ("prepare", "set"),
        ("prepare", "set", "../no-such-folder"),
        ("prepare", "set", "../sources", "--channels", "0"),
        ("prepare", "set", "../sources", "--validation-fraction", "0.9"),
        ("show",),
    ],
)
def test_wrong_usage_exits_2_and_makes_nothing(root: Path, words: tuple[str, ...]) -> None:
    result = ravetui(root, "data", *words)
    assert result.returncode == 2
    assert result.stdout == ""
    assert list((root / "data").iterdir()) == []


def test_a_damaged_dataset_does_not_hide_the_others(root: Path) -> None:
    for name in ("bad", "good"):
        assert ravetui(root, "data", "prepare", name, "../sources").returncode == 0
    (root / "data/bad/audio.i16").write_bytes(b"")
    bad, good = document(ravetui(root, "data", "list", "--json"))
    assert "0 bytes long instead of" in bad["error"]
    assert good["name"] == "good"
    text = ravetui(root, "data", "list").stdout
    assert "bad: " in text
    assert "good" in text
    assert ravetui(root, "data", "show", "bad").returncode == 1


def test_an_empty_workspace_says_what_to_do(root: Path) -> None:
    assert document(ravetui(root, "data", "list", "--json")) == []
    assert "ravetui data prepare" in ravetui(root, "data", "list").stdout
