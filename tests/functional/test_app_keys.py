"""What the keys do to real folders and real processes."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ravetui.app.actions import ACTIONS
from ravetui.runs import control
from ravetui.runs.jobs import list_jobs
from ravetui.runs.state import RunState, run_status
from tests.run_maker import MadeRun, workspace_in
from tests.screen import screen_of


@pytest.fixture
def trainer() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that can be killed in a trainer's place."""
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def live(tmp_path: Path, trainer: "subprocess.Popen[bytes]") -> Iterator[MadeRun]:
    made = MadeRun(workspace_in(tmp_path), "graz").begin(live=True, pid=trainer.pid).train(200)
    made.validate()
    yield made
    made.release()


async def test_x_asks_saves_and_the_second_time_kills(live: MadeRun, trainer: "subprocess.Popen[bytes]") -> None:
    async with screen_of(live.workspace) as seen:
        await seen.press("x")
        await seen.see("Stop graz?", "s resumes it exactly there")
        await seen.press("n")
        assert "Stop graz?" not in seen.text and not control.pending(live.folder)
        await seen.press("x", "y")
        await seen.until(lambda: "stop" in control.pending(live.folder), "the request")
        await seen.see("graz · stopping", "saving, then exits")
        assert trainer.poll() is None
        await seen.press("x")
        await seen.see("graz is saving. Stop it now?", "What it learned since step 200 is lost.")
        await seen.press("enter")
        await seen.until(lambda: trainer.poll() is not None, "the kill")


async def test_p_asks_for_the_adversarial_phase_and_takes_it_back(live: MadeRun) -> None:
    async with screen_of(live.workspace) as seen:
        await seen.press("p")
        await seen.see("Go adversarial from step 200 on?")
        await seen.press("enter")
        await seen.until(lambda: "phase" in control.pending(live.folder), "the request")
        await seen.see("asked to go adversarial: it does after the present step")
        await seen.press("p")
        await seen.see("Let graz stay in phase 1?")
        await seen.press("y")
        await seen.until(lambda: not control.pending(live.folder), "the withdrawal")


async def test_a_key_that_can_do_nothing_says_why(live: MadeRun) -> None:
    async with screen_of(live.workspace) as seen:
        await seen.press("s")
        await seen.see("graz trains already.")
        live.end("stopped", "asked")
        await seen.see("■ graz")
        await seen.press("x")
        await seen.see("graz does not train.")
        assert "x stop" not in seen.lines[-1] and "s start" in seen.lines[-1]


async def test_s_starts_a_trainer_and_x_twice_ends_it(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path, dataset=False)
    made = MadeRun(workspace, "graz")
    async with screen_of(workspace) as seen:
        await seen.see("○ graz")
        await seen.press("s")
        await seen.until(lambda: run_status(made.folder).pid, "a trainer")
        await seen.see("● graz")
        await seen.press("x", "y")
        await seen.see("graz · stopping")
        await seen.press("x", "y")
        await seen.until(lambda: run_status(made.folder).state is RunState.STOPPED, "the end of the trainer")
        await seen.see("■ graz", "stopped", "s starts it")


async def test_e_starts_a_scoring_and_tells_how_it_went(live: MadeRun) -> None:
    async with screen_of(live.workspace) as seen:
        await seen.see("▸◆ 200")
        await seen.press("e")
        await seen.until(lambda: list_jobs(live.folder), "the job")
        await seen.until(lambda: "scoring failed: " in seen.line("◆ 200"), "its end: the weights are no weights")
        assert seen.app.main.board.situation.step is not None


async def test_curves_are_changed_by_keys(live: MadeRun) -> None:
    async with screen_of(live.workspace) as seen:
        await seen.see("fullband_spectral_distance", "ema 0.9")
        await seen.press("l")
        await seen.see("log · ema 0.9")
        await seen.press("w")
        await seen.see("log · ema 0.99")
        await seen.press("l", "w")
        await seen.until(lambda: "ema" not in seen.text and "log ·" not in seen.text, "the plain curve")
        await seen.press("right")
        await seen.see("multiband_spectral_distance")
        await seen.press("left", "left")
        await seen.see("data, share of a step")
        for title in ("learning rate", "adversarial"):
            while f"─ {title} ─" not in seen.text:
                await seen.press("left")
        await seen.see("nothing yet: these begin with phase 2")


async def test_help_explains_the_pane_and_every_key(live: MadeRun) -> None:
    async with screen_of(live.workspace, 120, 40) as seen:
        await seen.press("tab", "tab", "question_mark")
        await seen.see("help · checkpoints", "not CLAP")
        read = seen.text
        while ACTIONS[-1].description not in read:
            await seen.press("pagedown")
            assert seen.text not in read, "the end of it, without the last key"
            read += seen.text
        for item in ACTIONS:
            assert item.description in read, item.name
        await seen.press("escape")
        assert "help · checkpoints" not in seen.text


async def test_the_palette_offers_what_can_be_done(live: MadeRun) -> None:
    async with screen_of(live.workspace) as seen:
        await seen.press("ctrl+p")
        await seen.see("stop (x)", "score (e)")
        assert "start (s)" not in seen.text
        await seen.paste("adversarial")
        await seen.see("phase 2 (p)")
        await seen.press("enter")
        await seen.see("Go adversarial from step 200 on?")


async def test_m_writes_the_note_and_keeps_what_others_wrote(live: MadeRun) -> None:
    live.folder.notes.write_text("flat\n")
    async with screen_of(live.workspace) as seen:
        await seen.press("m")
        await seen.see("note of graz", "flat")
        await seen.paste("more ")
        await seen.press("escape")
        await seen.until(lambda: live.folder.notes.read_text() == "more flat\n", "the note")
        await seen.press("m")
        await seen.paste("not this")
        await seen.press("ctrl+d")
        assert live.folder.notes.read_text() == "more flat\n"
        await seen.press("m", "x")
        live.folder.notes.write_text("somebody else\n")
        await seen.press("escape")
        await seen.until(lambda: live.folder.notes.read_text() == "xmore flat\n", "the note")
        kept = [path.read_text() for path in live.folder.path.glob("notes-*.md")]
        assert kept == ["somebody else\n"]


async def test_a_note_that_is_no_text_is_left_alone(live: MadeRun) -> None:
    live.folder.notes.write_bytes(b"\xff\xfe\x00")
    async with screen_of(live.workspace) as seen:
        await seen.press("m")
        await seen.see("Note not readable")
    assert live.folder.notes.read_bytes() == b"\xff\xfe\x00"


async def test_q_leaves_runs_alive_and_says_so(live: MadeRun, trainer: "subprocess.Popen[bytes]") -> None:
    async with screen_of(live.workspace) as seen:
        await seen.see("● graz")
        await seen.press("q")
    assert seen.app.return_value == "1 run goes on training. `ravetui` shows it again."
    assert trainer.poll() is None and not control.pending(live.folder)
