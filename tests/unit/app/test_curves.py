"""Curves that most runs never have are there once a run has some."""

from pathlib import Path

from ravetui.app.arrangement import Arrangement
from ravetui.app.curves import GROUPS, groups_with
from ravetui.app.detail import DetailReader
from ravetui.app.panes.scene import walk_of
from ravetui.app.snapshot import Curves, Gaze
from ravetui.runs.summary import RunWatcher
from ravetui.runs.tables import RARE, TABLES
from tests.run_maker import MadeRun, workspace_in


def test_rare_groups_are_those_of_the_rare_tables() -> None:
    tags = {tag for table in RARE for tag in TABLES[table]}
    assert {tag for group in GROUPS if group.rare for tag in group.tags} == tags
    assert not any(set(group.tags) & tags for group in groups_with(GROUPS, ()))
    assert [group.title for group in groups_with(GROUPS, ["gradient_penalty"]) if group.rare] == ["gradient penalty"]


def test_a_run_shows_its_codebooks_once_they_were_counted(tmp_path: Path) -> None:
    made = MadeRun(workspace_in(tmp_path), "graz").begin().train(10)
    watcher = RunWatcher(made.folder)
    reader = DetailReader(made.folder, watcher.history)

    def rare() -> list[str]:
        curves = reader.look(Gaze(made.folder.name, ("loss",)), watcher.summary().progress).curves
        return [group.title for group in walk_of(Arrangement(), curves) if group.rare]

    assert rare() == []
    made.count_codes(0.5, 300.0)
    assert rare() == ["codes in use, share", "codebook perplexity"]
    made.release()


def test_a_run_of_another_program_shows_what_it_logs() -> None:
    curves = Curves(tags=("loss", "gradient_penalty"))
    assert [group.title for group in walk_of(Arrangement(), curves)] == ["loss", "gradient penalty"]
