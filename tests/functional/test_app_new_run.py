"""From nothing to a run that trains, by the form."""

from pathlib import Path

import pytest

from ravetui.runs.state import run_status
from ravetui.runs.workspace import Workspace
from tests.run_maker import MadeRun, make_dataset, workspace_in
from tests.screen import screen_of


async def test_two_keys_make_and_start_a_run_that_is_then_selected(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    config = workspace.root / "config.toml"
    text = config.read_text().replace('preset = "v1"', 'preset = "tiny"')
    config.write_text(text.replace("max_running = 0", "max_running = 2"))
    workspace = type(workspace)(workspace.root)
    other = MadeRun(workspace, "older").begin(live=True).train(5)
    async with screen_of(workspace) as seen:
        await seen.see("▸● older")
        await seen.press("n")
        await seen.see("new run", "graz-001", "steps an epoch")
        await seen.press("enter")
        run = workspace.runs / "graz-001"
        await seen.until(lambda: (run / "attempts" / "0001" / "proc.json").exists(), "the trainer")
        await seen.until(lambda: "▸● graz-001" in seen.text, "its selection")
        await seen.see("graz-001 · training")
        await seen.press("x", "y")
        await seen.see("graz-001 · stopping")
        await seen.press("x", "y")
        folder = workspace.run("graz-001")
        await seen.until(lambda: not run_status(folder).state.is_live, "the end of the trainer")
    other.release()


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 34)])
async def test_the_plan_follows_what_is_typed(tmp_path: Path, columns: int, rows: int) -> None:
    workspace = workspace_in(tmp_path)
    MadeRun(workspace, "graz-001")
    async with screen_of(workspace, columns, rows) as seen:
        await seen.press("n")
        await seen.see("graz-002", "25 steps an epoch", "phase 2 after step 1 000 000", "end after step 3 000 000")
        await seen.press("tab", "tab", "tab")
        await seen.paste("97 epochs")
        await seen.see("phase 2 after step 2 425 (epoch 97.0, 16 h of audio)")
        await seen.press("tab")
        await seen.paste("300 epochs")
        await seen.press("tab", "4")
        await seen.see("50 steps an epoch", "phase 2 after step 4 850 (epoch 97.0, 16 h of audio)")
        await seen.see("end after step 15 000 (epoch 300.0, 50 h of audio)")
        await seen.press("escape")
        assert "new run" not in seen.text
    assert [run.name for run in workspace.run_folders()] == ["graz-001"]


async def test_what_cannot_be_is_refused_with_the_sentence_and_makes_nothing(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    make_dataset(workspace, "short", seconds=20.0)
    MadeRun(workspace, "taken")
    async with screen_of(workspace) as seen:
        await seen.press("n")
        await seen.press("tab", "space", "up", "enter", "shift+tab")
        await seen.press("home", "ctrl+k")
        await seen.paste("taken")
        await seen.see("There is a run 'taken' already.")
        await seen.press("enter")
        await seen.see("There is a run 'taken' already.")
        await seen.press("home", "ctrl+k")
        await seen.paste("other")
        await seen.press("tab", "tab", "tab")
        await seen.paste("soon")
        await seen.see("'soon' is not a duration.")
        await seen.press("home", "ctrl+k", "shift+tab", "shift+tab", "space", "down", "enter")
        await seen.see("to train on", "Prepare about")
    assert [run.name for run in workspace.run_folders()] == ["taken"]


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 34)])
async def test_what_a_run_will_lack_is_said_whole_and_it_can_be_made(tmp_path: Path, columns: int, rows: int) -> None:
    workspace = workspace_in(tmp_path)
    make_dataset(workspace, "short", seconds=27.0)
    async with screen_of(workspace, columns, rows) as seen:
        await seen.press("n")
        await seen.see("Validation hears 1 crop of 64 latent frames, 64 of the 128", "(validation_fraction).")
        await seen.see("phase 2 after step 1 000 000", "batch size")


async def test_another_dataset_and_preset_can_be_chosen(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    make_dataset(workspace, "piano", seconds=1200.0)
    async with screen_of(workspace) as seen:
        await seen.press("n")
        await seen.see("piano-001", "50 steps an epoch")
        await seen.press("tab", "space", "up", "enter")
        await seen.see("25 steps an epoch")
        await seen.press("tab", "space", "end", "enter")
        await seen.see("phase 2 after step 600")
    assert not workspace.run_folders()


async def test_a_configured_preset_with_modifiers_can_be_kept_or_left(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    config = workspace.root / "config.toml"
    config.write_text(config.read_text().replace('preset = "v1"', 'preset = "v2+noise+causal"'))
    async with screen_of(Workspace(workspace.root)) as seen:
        await seen.press("n")
        await seen.see("v2+noise+causal", "phase 2 after step 1 000 000")
        await seen.press("tab", "tab", "space", "end", "enter")
        await seen.see("phase 2 after step 600")


async def test_a_toast_of_before_does_not_cover_the_form(tmp_path: Path) -> None:
    async with screen_of(workspace_in(tmp_path), 80, 24) as seen:
        await seen.press("x")
        await seen.see("There is no run yet")
        await seen.press("n")
        await seen.see("enter starts or queues it", "steps an epoch")
        await seen.until(lambda: "There is no run yet" not in seen.text, "the toast's end")
