"""The language in which runs are looked for."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.app.reader import WorkspaceReader
from ravetui.app.run_filter import parse_filter
from ravetui.app.snapshot import Gaze, RunRow
from tests.run_maker import MadeRun, workspace_in


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunRow, ...]:
    workspace = workspace_in(tmp_path_factory.mktemp("ws"), dataset=False)
    live = MadeRun(workspace, "Graz-v2-003").begin(live=True).train(20)
    live.folder.notes.write_text("Sounds dull: too much Static.\n")
    adversarial = MadeRun(workspace, "piano-v1").begin().train(20)
    adversarial.go_adversarial()
    adversarial.train(20).end("failed", "out of memory")
    MadeRun(workspace, "graz-old")
    (workspace.runs / "broken").mkdir()
    (workspace.runs / "broken" / "spec.toml").write_text("[")
    found = WorkspaceReader(workspace).look(Gaze()).runs
    live.release()
    return found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "Graz-v2-003 broken graz-old piano-v1"),
        ("graz", "Graz-v2-003 graz-old"),
        ("graz v2", "Graz-v2-003"),
        ("-graz", "broken piano-v1"),
        ("state:running", "Graz-v2-003"),
        ("state:r", "Graz-v2-003"),
        ("state:live", "Graz-v2-003"),
        ("state:new", "graz-old"),
        ("state:damaged", "broken"),
        ("state:failed phase:2", "piano-v1"),
        ("phase:1 -state:new", "Graz-v2-003"),
        ("data:GRAZ", "Graz-v2-003 graz-old piano-v1"),
        ("preset:tiny old", "graz-old"),
        ("preset:v2", ""),
        ("note:static", "Graz-v2-003"),
        ('note:"much static"', "Graz-v2-003"),
        ('note:"too stat', ""),
        ("graz state:", "Graz-v2-003 graz-old"),
        ("nobody", ""),
    ],
)
def test_what_fits(rows: tuple[RunRow, ...], text: str, names: str) -> None:
    found = parse_filter(text)
    assert sorted(row.name for row in rows if found.shows(row)) == names.split()
    assert found.fault == ""


def test_a_word_that_means_nothing_is_named_and_hides_nothing(rows: tuple[RunRow, ...]) -> None:
    found = parse_filter("stat:running graz")
    assert found.fault == "no word stat:"
    assert sum(found.shows(row) for row in rows) == 2


@given(st.text(max_size=40))
def test_whatever_is_typed_can_be_asked(text: str) -> None:
    parse_filter(text).shows(RunRow("graz", None, note="x"))


def test_a_note_that_changes_is_read_again(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path, dataset=False)
    made = MadeRun(workspace, "a")
    reader = WorkspaceReader(workspace)
    assert reader.look(Gaze()).runs[0].note == ""
    for text in ("one", "another"):
        made.folder.notes.write_text(text)
        assert reader.look(Gaze()).runs[0].note == text
    made.folder.notes.unlink()
    assert reader.look(Gaze()).runs[0].note == ""
