"""`ravetui import`, and what the commands say of runs of other programs."""

import json
import shutil
from pathlib import Path

import pytest

from ravetui.config import Source, read_config
from ravetui.errors import ConfigError
from ravetui.runs.workspace import Workspace
from tests.calling import Ravetui, done, ravetui
from tests.event_files import NAME, PIANO, RUNS, STRINGS, copied, event_file_of, fingerprint, write_events
from tests.run_maker import MadeRun, workspace_in

__all__ = ["ravetui"]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path / "ws")


def test_import_says_what_it_found_and_adds_an_entry(ravetui: Ravetui, workspace: Workspace) -> None:
    before = (workspace.root / "config.toml").read_text()
    found = done(ravetui("import", str(RUNS), "--json"))
    assert found["added"]
    runs = {run["run"]: run for run in found["runs"]}
    assert set(runs) == {"piano_11db71167f", "strings_v2_04841e8e28"}
    piano = runs["piano_11db71167f"]
    assert (piano["foreign"], piano["preset"], piano["step"], piano["phase"]) == ("acids-rave", "acids-rave v1", 869, 2)
    assert "validation" in piano["tags"]
    text = (workspace.root / "config.toml").read_text()
    assert text.startswith(before.rstrip())
    assert read_config(workspace.root / "config.toml").sources == (Source(str(RUNS)),)


def test_importing_twice_adds_it_once(ravetui: Ravetui, workspace: Workspace) -> None:
    done(ravetui("import", str(PIANO), "--json"))
    done(ravetui("import", str(STRINGS), "--name", "old", "--json"))
    text = (workspace.root / "config.toml").read_text()
    again = done(ravetui("import", str(PIANO), "--json"))
    assert not again["added"]
    assert [run["run"] for run in again["runs"]] == ["piano_11db71167f"]
    assert (workspace.root / "config.toml").read_text() == text
    assert [item["run"] for item in done(ravetui("run", "list", "--json"))] == ["piano_11db71167f", "old"]


def test_what_has_no_event_files_is_refused_in_a_sentence(
    ravetui: Ravetui, workspace: Workspace, tmp_path: Path
) -> None:
    text = (workspace.root / "config.toml").read_text()
    for folder, words in ((tmp_path, "no TensorBoard event files"), (tmp_path / "gone", "is not a folder")):
        code, out, err = ravetui("import", str(folder), "--json")
        assert code == 1
        assert words in err
        assert json.loads(out)["remedy"]
    assert (workspace.root / "config.toml").read_text() == text


def test_list_show_and_series_of_a_foreign_run(ravetui: Ravetui) -> None:
    ravetui("import", str(PIANO))
    (row,) = done(ravetui("run", "list", "--json"))
    assert (row["run"], row["state"], row["total_steps"], row["pid"]) == (PIANO.name, row["state"], None, None)
    assert row["state"] in ("writing", "quiet")
    shown = done(ravetui("run", "show", PIANO.name, "--json"))
    assert shown["path"] == str(PIANO)
    assert shown["transitions"] == [{"phase": 2, "step": 240}]
    assert [item["name"] for item in shown["checkpoints"]][:2] == ["epoch-epoch=0029", "best"]
    assert [item["attempt"] for item in shown["attempts"]] == [1, 2]
    assert shown["config"] == (PIANO / "config.gin").read_text()
    series = done(ravetui("series", PIANO.name, "loss_dis", "--json"))
    assert series["step"] == [249, 299, 349, 399, 449, 499, 549, 599, 649, 699, 749, 799, 849]
    assert "CAPACITY = 4" in ravetui("run", "show", PIANO.name)[1]
    code, _, err = ravetui("series", PIANO.name, "nothing")
    assert code == 1
    assert "multiband_spectral_distance" in err


@pytest.mark.parametrize(
    "words", [("start",), ("stop",), ("phase", "adversarial"), ("delete",), ("queue",), ("fork", "--name", "x")]
)
def test_what_cannot_be_done_is_refused_with_the_reason(ravetui: Ravetui, words: tuple[str, ...]) -> None:
    ravetui("import", str(PIANO))
    before = fingerprint(PIANO)
    action, *rest = words
    code, _, err = ravetui("run", action, PIANO.name, *rest)
    assert code in (1, 2)
    assert "a run of another program (acids-rave)" in err or code == 2
    assert fingerprint(PIANO) == before


def test_notes_are_kept_in_the_workspace(ravetui: Ravetui, workspace: Workspace) -> None:
    ravetui("import", str(PIANO))
    before = fingerprint(PIANO)
    found = done(ravetui("run", "note", PIANO.name, "sounds like 2019", "--json"))
    assert found["notes"] == "sounds like 2019\n"
    assert Path(found["path"]).is_relative_to(workspace.root)
    assert fingerprint(PIANO) == before


def test_a_missing_source_is_a_sentence_and_the_rest_works(
    ravetui: Ravetui, workspace: Workspace, tmp_path: Path
) -> None:
    MadeRun(workspace, "mine")
    run = copied(STRINGS, tmp_path)
    ravetui("import", str(run))
    ravetui("import", str(PIANO))
    shutil.rmtree(run)
    code, out, err = ravetui("run", "list", "--json")
    assert code == 0
    assert [item["run"] for item in json.loads(out)] == ["mine", PIANO.name]
    assert f"{run} is missing" in err
    code, _, err = ravetui("run", "show", STRINGS.name)
    assert code == 1
    assert "is missing" in err


def test_a_folder_of_several_runs_gives_each_a_name(ravetui: Ravetui, workspace: Workspace, tmp_path: Path) -> None:
    log = tmp_path / "logs"
    for inside in ("train", "validation", "deep/er"):
        write_events(log / inside / NAME, [("loss/total", step, 1.0) for step in range(3)])
    MadeRun(workspace, "train")
    found = done(ravetui("import", str(log), "--json"))
    assert [run["run"] for run in found["runs"]] == ["deep.er", "train-2", "validation"]
    assert {run["foreign"] for run in found["runs"]} == {"TensorBoard"}
    assert done(ravetui("series", "validation", "loss/total", "--json"))["step"] == [0, 1, 2]
    named = done(ravetui("import", str(log / "train"), "--name", "again", "--json"))
    assert [run["run"] for run in named["runs"]] == ["again"]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ('sources = "here"', "must be tables"),
        ("[[sources]]\nname = 'x'", "no path"),
        ("[[sources]]\npath = 3", "must be a text"),
        ("[[sources]]\npath = 'x'\ncolour = 'red'", "colour"),
        ("[[sources]]\npath = 'x'\nname = '../up'", "cannot name a source"),
    ],
)
def test_a_bad_entry_is_named(tmp_path: Path, entry: str, words: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"{entry}\n")
    with pytest.raises(ConfigError, match=words):
        read_config(path)


def test_looking_writes_nothing_into_the_folder(ravetui: Ravetui, tmp_path: Path) -> None:
    run = copied(PIANO, tmp_path)
    before = fingerprint(run)
    ravetui("import", str(run))
    for words in (
        ("run", "list"),
        ("run", "show", run.name),
        ("series", run.name, "validation"),
        ("run", "log", run.name),
    ):
        ravetui(*words)
    assert fingerprint(run) == before
    assert event_file_of(run).stat().st_size == event_file_of(PIANO).stat().st_size
