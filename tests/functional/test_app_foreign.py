"""Runs of other programs on the screen: beside our own, followed while they grow, and never touched."""

import io
import shutil
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ravetui.app.app import RavetuiApp
from ravetui.jobs.foreign_samples import render_foreign
from ravetui.runs.event_record import sound_record
from ravetui.runs.foreign.checkpoints import find_checkpoint
from ravetui.runs.foreign.given import give_audio
from ravetui.runs.foreign.importing import import_folder
from ravetui.runs.foreign.sounds import CROP
from ravetui.runs.foreign.source_watch import foreign_run
from ravetui.runs.scores import list_scores
from ravetui.runs.workspace import Workspace
from tests.acids_checkpoint import STEP, run_with_weights
from tests.event_files import NAME, PIANO, RUNS, STRINGS, copied, event_file_of, fingerprint, write_events
from tests.functional.test_app_sound import pitch
from tests.pulse import PulseServer, pulse_server
from tests.run_maker import ORIGINAL, RECONSTRUCTION, MadeRun, workspace_in
from tests.screen import Seen, screen_of
from tests.workspaces import write_tones

__all__ = ["pulse_server"]
SIZES = [(120, 34), (80, 24)]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path / "ws")


def with_runs(workspace: Workspace, *folders: Path) -> Workspace:
    for folder in folders:
        import_folder(workspace, folder)
    return Workspace(workspace.root)


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Path]:
    """A copy of both real runs, which nothing may change."""
    found = Path(shutil.copytree(RUNS, tmp_path / "source"))
    before = fingerprint(found)
    yield found
    assert fingerprint(found) == before


def toasts(seen: Seen) -> str:
    return " ".join(item.message for item in seen.app._notifications)


@pytest.mark.parametrize("size", SIZES)
async def test_a_run_of_rave_train_is_shown_as_ours_are(
    workspace: Workspace, source: Path, size: tuple[int, int]
) -> None:
    async with screen_of(with_runs(workspace, source), *size) as seen:
        await seen.see("strings_v2", "piano_11db", "acids-rave v2", "phase 2 adversarial", "phase 2 since 40")
        await seen.see("fullband_spectral_distance", "• validation", "1 of 9", "read only:")
        await seen.press("down")
        await seen.see("acids-rave v1", "step 869", "epoch 29", "phase 2 since 240")
        await seen.press("tab", "tab")
        await seen.see("871", "epoch-epoch=0029", "697", "best")


def sounding(folder: Path) -> Path:
    """A run of acids-rave whose one clip is a tone as it was, and another as it was reconstructed."""
    run = folder / "tones"
    (run / "version_0").mkdir(parents=True)
    shutil.copyfile(PIANO / "config.gin", run / "config.gin")
    path = write_events(run / "version_0" / NAME, [("validation", 57, 3.0)])
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((1, 2, 44100, 2 * CROP, "NONE", "not compressed"))
        for hertz in (ORIGINAL, RECONSTRUCTION):
            tone = 9000 * np.sin(2 * np.pi * hertz * np.arange(CROP) / 44100)
            file.writeframes(tone.astype("<i2").tobytes())
    with path.open("ab") as output:
        sound = made.getvalue()
        output.write(sound_record("audio_val", sound, 0, 1.7e9 + 1, rate=44100, channels=1, frames=2 * CROP))
    return run


async def test_its_sounds_play_and_o_changes_to_the_original(
    workspace: Workspace, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    server: PulseServer = request.getfixturevalue("pulse_server")
    for key, value in server.environment.items():
        monkeypatch.setenv(key, value)
    run = sounding(tmp_path)
    before = fingerprint(run)
    async with screen_of(with_runs(workspace, run)) as seen:
        await seen.see("samples of step 58", "01 audio_val", "0:02")
        with server.recording() as recording:
            await seen.press("space")
            await seen.until(lambda: pitch(recording) == pytest.approx(RECONSTRUCTION, abs=10), "the reconstruction")
            await seen.press("o")
            if (said := seen.app.main.sound) is None or said.state != "playing":
                await seen.press("space")  # On a busy machine the three seconds may be over.
            await seen.until(lambda: pitch(recording) == pytest.approx(ORIGINAL, abs=10), "the original")
    assert fingerprint(run) == before


async def test_what_cannot_be_done_says_that_it_is_a_run_of_another_program(workspace: Workspace, source: Path) -> None:
    async with screen_of(with_runs(workspace, source / PIANO.name)) as seen:
        await seen.see("phase 2 since 240", "epoch-epoch=0029")
        for key in ("s", "x", "p", "d", "f", "k"):
            seen.app.clear_notifications()
            await seen.press(key)
            await seen.until(lambda: "a run of another program (acids-rave)" in toasts(seen), f"{key} says why not")


async def test_it_is_compared_with_our_own(workspace: Workspace, source: Path) -> None:
    made = MadeRun(workspace, "mine").begin().train(60)
    made.validate(samples=0)
    made.end("stopped", "asked")
    async with screen_of(with_runs(workspace, source / PIANO.name)) as seen:
        await seen.see("mine", "piano_11db")
        await seen.press("c")
        await seen.see("1 piano", "what differs")
        await seen.press("down", "space")
        await seen.see("━ mine", "━ piano_11db71167f", "capacity", "best validation")
        # Only the other program's run has this one; it comes after our own.
        await seen.press("left")
        await seen.see("─ epoch ─", "piano_11db71167f")


async def test_any_tensorboard_folder_has_its_own_curves(workspace: Workspace, tmp_path: Path) -> None:
    log = tmp_path / "logs"
    write_events(log / "a" / NAME, [(tag, step, step + 0.5) for step in range(50) for tag in ("loss/total", "lr")])
    async with screen_of(with_runs(workspace, log)) as seen:
        await seen.see("TensorBoard", "loss/total", "━ total", "1 of 2")
        await seen.press("right")
        await seen.see("━ lr", "2 of 2")
        assert "phase" not in seen.line("TensorBoard")


async def test_a_growing_file_is_followed_on_two_screens_at_once(workspace: Workspace, tmp_path: Path) -> None:
    run = copied(PIANO, tmp_path)
    file = event_file_of(run, 1)
    content = file.read_bytes()
    file.write_bytes(content[:9000])
    shutil.rmtree(run / "version_1" / "checkpoints")
    with_runs(workspace, run)
    first, second = Workspace(workspace.root), Workspace(workspace.root)
    async with screen_of(first, app=RavetuiApp(first)) as seen, screen_of(second, app=RavetuiApp(second)) as other:
        await seen.see("step 599", "writing")
        await other.see("step 599")
        with file.open("ab") as output:
            output.write(content[9000:])
        await seen.see("step 869", "870")
        await other.see("step 869")
        await seen.see("01 audio_val 1")
        await other.see("01 audio_val 1")
        for each in (seen, other):
            assert not each.app._notifications


async def test_a_damaged_record_is_named_in_the_header(workspace: Workspace, tmp_path: Path) -> None:
    run = copied(STRINGS, tmp_path)
    file = event_file_of(run)
    content = bytearray(file.read_bytes())
    content[-40] ^= 1
    content[60] ^= 1
    file.write_bytes(content)
    async with screen_of(with_runs(workspace, run)) as seen:
        await seen.see("are damaged and left out", "• validation")


async def test_a_missing_source_is_a_row_that_says_so_and_the_rest_works(
    workspace: Workspace, source: Path, tmp_path: Path
) -> None:
    gone = copied(STRINGS, tmp_path)
    ready = with_runs(workspace, gone, source / PIANO.name)
    shutil.rmtree(gone)
    async with screen_of(ready) as seen:
        await seen.see("missing source", "piano_11db", "phase 2 since 240")
        await seen.press("down")
        await seen.see("missing source: ", "is missing")
        await seen.press("d")
        await seen.until(lambda: "another program" in toasts(seen), "why not")


async def test_an_import_is_seen_by_a_screen_that_is_open(workspace: Workspace, source: Path) -> None:
    async with screen_of(workspace) as seen:
        await seen.see("no runs yet")
        import_folder(Workspace(workspace.root), source)
        await seen.see("strings_v2", "piano_11db", "phase 2 since 40")


async def test_a_note_about_it_is_kept_in_the_workspace(workspace: Workspace, source: Path) -> None:
    async with screen_of(with_runs(workspace, source / PIANO.name)) as seen:
        await seen.see("phase 2 since 240")
        await seen.press("m")
        await seen.see(PIANO.name)
        await seen.press("h", "i", "ctrl+s")
        note = workspace.root / "foreign" / PIANO.name / "notes.md"
        await seen.until(lambda: note.exists() and note.read_text() == "hi", "the note")


async def test_e_scores_its_checkpoint_once_the_audio_is_said(workspace: Workspace, tmp_path: Path) -> None:
    run = run_with_weights(tmp_path / "source")
    before = fingerprint(run)
    write_tones(tmp_path / "audio", files=4, seconds=4.5)
    config = workspace.root / "config.toml"
    config.write_text(config.read_text().replace('embedder = "auto"', 'embedder = "mel"'))
    ready = with_runs(workspace, run)
    folder = foreign_run(ready, run.name)
    assert folder is not None
    async with screen_of(ready, 120, 40) as seen:
        await seen.see("phase 2 since 240", "epoch-epoch=0029")
        while seen.app.main.board.focused_pane != "checkpoints":
            await seen.press("tab")
        while (row := seen.app.main.board.situation.step) is None or row.step != STEP:
            await seen.press("down")
        await seen.see("epoch_200")
        await seen.press("e")
        await seen.until(lambda: "ravetui score piano_11db71167f --data" in toasts(seen), "what to do")
        give_audio(ready, folder, str(tmp_path / "audio"))
        await seen.press("e")
        await seen.until(lambda: list_scores(folder), "a score")
        await seen.until(lambda: seen.app.main.board.situation.is_scored, "the score in its row")
        await seen.press("y")
        await seen.see("spectral", "may have been trained on any of this audio")
        await seen.press("escape")
        checkpoint = find_checkpoint(folder, str(STEP))
        render_foreign(folder, checkpoint)
        await seen.see("samples of step 200", "01 tone-0")
    assert fingerprint(run) == before


async def test_a_network_that_is_none_of_ours_is_named_before_anything_starts(
    workspace: Workspace, tmp_path: Path
) -> None:
    run = run_with_weights(tmp_path / "source")
    (run / "config.gin").write_text((run / "config.gin").read_text().replace("'pqmf'", "'mel'", 1))
    async with screen_of(with_runs(workspace, run)) as seen:
        await seen.see("phase 2 since 240", "epoch-epoch=0029")
        await seen.press("e")
        await seen.until(lambda: "RAVE.input_mode = mel" in toasts(seen), "the part")
    assert not (workspace.root / "foreign" / run.name / "jobs").exists()


async def test_of_a_tensorboard_folder_there_is_nothing_to_score(workspace: Workspace, tmp_path: Path) -> None:
    write_events(tmp_path / "logs" / NAME, [("loss", 1, 0.5)])
    async with screen_of(with_runs(workspace, tmp_path / "logs")) as seen:
        await seen.see("TensorBoard")
        await seen.press("e")
        await seen.until(lambda: "only checkpoints of acids-rave are rendered" in toasts(seen), "why not")
