"""A blind round on the real screen, heard through a real sound server."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from ravetui.app.levels import TARGET
from ravetui.app.screens.blind import Blind
from ravetui.app.screens.blind_table import BlindTable
from ravetui.cli import ravetui
from ravetui.metrics.loudness import loudness
from ravetui.runs.blind.round import BlindRound
from ravetui.runs.blind.shuffle import Stimulus
from ravetui.runs.blind.store import answer_stimulus, begin_round, list_rounds, read_round, round_path
from ravetui.runs.ratings import rate, rating_history, read_ratings
from ravetui.runs.samples import list_samples
from tests.listening import Server
from tests.open_page import OpenPage
from tests.pulse import NO_SOUND, PATIENCE, RATE, PulseServer, Recording, pulse_server
from tests.run_maker import MadeRun, workspace_in
from tests.screen import Seen, screen_of
from tests.terminal import RAVETUI, Terminal

__all__ = ["pulse_server"]

STEPS = (50, 100, 150)
PITCH: dict[int | None, float] = {50: 300.0, 100: 500.0, 150: 700.0, None: 900.0}
LOUD: dict[int | None, float] = {50: 0.5, 100: 0.02, 150: 0.1, None: 0.3}
STARS: dict[int | None, int] = {50: 1, 100: 3, 150: 4, None: 5}
NAMES = ("nocturne", "étude")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeRun]:
    """Three checkpoints whose versions of a clip differ in pitch and level."""
    made = MadeRun(workspace_in(tmp_path), "graz").begin(live=True)
    for step in STEPS:
        made.train(50).validate(samples=len(NAMES))
        for clip in list_samples(made.folder, step):
            soundfile.write(clip.reconstruction, tone(step), RATE)
            soundfile.write(clip.original, tone(None), RATE)
    yield made
    made.release()


@pytest.fixture
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> PulseServer:
    server: PulseServer = request.getfixturevalue("pulse_server")
    for key, value in server.environment.items():
        monkeypatch.setenv(key, value)
    return server


@pytest.fixture
def machine() -> Iterator[Server]:
    """A machine without sound."""
    made = Server()
    yield made
    made.close()


def tone(version: int | None, seconds: float = 6.0) -> np.ndarray:
    time = np.arange(int(seconds * RATE)) / RATE
    return np.asarray(LOUD[version] * np.sin(2 * np.pi * PITCH[version] * time))


async def open_blind(seen: Seen) -> None:
    """Press b as soon as there are samples."""
    await seen.until(lambda: seen.app.main.board.situation.sample is not None, "the samples")
    await seen.press("b")


async def begin(seen: Seen) -> BlindRound:
    """Begin a round and return it as its file has it."""
    await open_blind(seen)
    await seen.see("Blind round of graz", "8 to hear")
    await seen.press("enter")
    await seen.see("1 of 8")
    return list_rounds(seen.app.main.run_folder)[-1]


async def rate_all(seen: Seen, heard: BlindRound, start: int = 0) -> None:
    """Rate what is left as each version deserves."""
    for place in range(start, len(heard.order)):
        await seen.see(f"{place + 1} of 8", "♪ ━")
        await seen.press(str(STARS[heard.order[place].step]))
    await seen.see("All 8 are rated.")


async def test_what_sounds_is_what_is_rated_all_at_one_level_and_nothing_tells_which(
    made: MadeRun, server: PulseServer
) -> None:
    async with screen_of(made.workspace, 80, 24) as seen:
        heard = await begin(seen)
        said: list[str] = []
        for place, one in enumerate(heard.order):
            await seen.see(f"{place + 1} of 8")
            with server.recording() as recording:
                await hears(seen, recording, one.step)
                assert level(recording) == pytest.approx(TARGET, abs=0.5)
            said += [*seen.lines, *(item.message for item in seen.app._notifications)]
            report = seen.app.main.sound
            assert report is not None
            assert report.about.step is None
            said += [report.about.title, report.about.run, str(report.path), report.message]
            await seen.press(str(STARS[one.step]))
        await seen.see("All 8 are rated.")
        shown = "\n".join(said)
        for word in ("step", "00050", "000150", "original", "recon", *NAMES):
            assert word not in shown
        assert [read_round(made.folder, 1).stars(one.clip, one.step) for one in heard.order] == [
            STARS[one.step] for one in heard.order
        ]
        assert read_ratings(made.folder).current == {}, "no star beside a step before the end"


async def test_the_end_shows_the_table_and_makes_ratings(made: MadeRun, server: PulseServer) -> None:
    rate(made.folder, "nocturne", 150, 2)
    for step in STEPS:
        made.score(step, 1 / step)
    async with screen_of(made.workspace, 80, 24) as seen:
        heard = await begin(seen)
        await rate_all(seen, heard)
        await seen.press("enter")
        await seen.see("You preferred the hidden original (5.0)", "original", "step 150", "best", "FAD and KID (mel")
        rows = [line.split("  ")[0].strip() for line in seen.lines]
        assert rows.index("original") < rows.index("step 150") < rows.index("step 100") < rows.index("step 50")
        assert "3 of 3 are scored" in seen.text
        await seen.press("escape")
        await seen.until(lambda: read_ratings(made.folder).stars(150, "nocturne") == 4, "the blind rating counts")
        await seen.until(lambda: shown_stars(seen, 150, "étude") == 4, "it is in the panes")
        history = [(item.stars, item.round) for item in rating_history(made.folder) if item.clip == "nocturne"]
        assert history[0] == (2, None), "what was rated before is kept"
        await seen.press("b")
        await seen.see("the table of round 1")
        await seen.press("t")
        await seen.see("round 1 of 1")
    document = json.loads(command(made, "run", "blind", "graz", "--json"))
    assert [item["step"] for item in document["versions"]] == [None, 150, 100, 50]
    assert document["agreements"][0]["reason"]
    text = command(made, "run", "blind", "graz")
    assert "step 150" in text
    assert "cannot tell: at this n, 2 clips" in text
    command(made, "run", "blind", "graz", "--take-back")
    assert read_ratings(made.folder).stars(150, "nocturne") == 2
    assert read_ratings(made.folder).stars(100, "nocturne") is None


async def test_marked_checkpoints_are_the_choice(made: MadeRun, server: PulseServer) -> None:
    async with screen_of(made.workspace) as seen:
        await seen.see("150", "nocturne")
        await seen.press("tab", "tab", "asterisk", "down", "asterisk", "b")
        await seen.see("2 checkpoints and, hidden among them, the original; 2 clips", "marked with *: 100, 150")
        await seen.press("enter")
        await seen.see("1 of 6")
        assert list_rounds(made.folder)[0].steps == (100, 150)


async def test_going_back_corrects_and_goes_on_where_it_was(made: MadeRun, server: PulseServer) -> None:
    async with screen_of(made.workspace) as seen:
        heard = await begin(seen)
        for place in range(3):
            await seen.see(f"{place + 1} of 8", "♪ ━")
            await seen.press("2")
        await seen.see("4 of 8")
        await seen.press("right")
        await seen.see("4 of 8")
        await seen.press("left", "backspace")
        await seen.see("2 of 8", "rated ★★··· poor; a number replaces it")
        await seen.press("5")
        await seen.see("4 of 8")
        await seen.until(lambda: stars(made, heard) == [2, 5, 2], "the correction")
        await seen.press("0")
        await seen.see("5 of 8")
        await seen.until(lambda: stars(made, heard) == [2, 5, 2, 0], "what was left out")


async def test_what_has_not_sounded_is_not_rated(made: MadeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in NO_SOUND.items():
        monkeypatch.setenv(key, value)
    async with screen_of(made.workspace, 80, 24) as seen:
        heard = await begin(seen)
        await seen.see("no sound: on your laptop run")
        await seen.press("4")
        await seen.see("It has not sounded yet")
        assert all("step-" not in item.message for item in seen.app._notifications)
        assert stars(made, heard) == []
        await seen.see("1 of 8")


async def test_leaving_keeps_what_was_rated_and_b_goes_on(made: MadeRun, server: PulseServer) -> None:
    async with screen_of(made.workspace, 80, 24) as seen:
        heard = await begin(seen)
        await seen.see("♪ ━")
        await seen.press("3")
        await seen.see("2 of 8", "♪ ━")
        await seen.press("escape")
        await seen.until(lambda: not isinstance(seen.app.screen, Blind), "leaving")
        await seen.until(lambda: seen.app.main.sound is not None and not seen.app.main.sound.sounds, "silence")
    async with screen_of(made.workspace, 80, 24) as seen:
        await open_blind(seen)
        await seen.see("goes on: 1 of 8 rated", "go on with it", "begin a new round")
        await seen.press("enter")
        await rate_all(seen, heard, 1)
        await seen.press("t")
        await seen.see("round 1 of 1")
    assert read_round(made.folder, 1).said == 8


async def test_a_killed_screen_loses_nothing(made: MadeRun, server: PulseServer) -> None:
    """The process that rates is killed without warning; the next one goes on."""
    code = (
        "import sys; from pathlib import Path; from ravetui.runs.folder import RunFolder\n"
        "from ravetui.runs.blind.store import *\n"
        "run = RunFolder(Path(sys.argv[1])); heard = begin_round(run, (50, 100, 150), ('nocturne', 'étude'))\n"
        "for one in heard.order[:5]: answer_stimulus(run, 1, one, 3); print('kept', flush=True)\n"
        "import time; time.sleep(600)\n"
    )
    argv = [os.sys.executable, "-c", code, str(made.folder.path)]  # type: ignore[attr-defined]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(5):
            assert process.stdout.readline() == "kept\n"
        process.send_signal(signal.SIGKILL)
    with round_path(made.folder, 1).open("ab") as file:
        file.write(b'{"clip": "noctur')
    async with screen_of(made.workspace) as seen:
        await open_blind(seen)
        await seen.see("goes on: 5 of 8 rated")
        await seen.press("enter")
        await rate_all(seen, read_round(made.folder, 1), 5)
    assert read_round(made.folder, 1).next_place is None


async def test_two_rounds_and_two_screens(made: MadeRun, server: PulseServer) -> None:
    async with screen_of(made.workspace) as seen:
        heard = await begin(seen)
        # Somebody else rates the second one meanwhile, of the same round.
        answer_stimulus(made.folder, 1, heard.order[1], 1)
        await seen.see("♪ ━")
        await seen.press("2")
        await seen.until(lambda: stars(made, heard) == [2, 1], "both are kept")
        await seen.press("t")
        await seen.see("End the round after 2 of 8?")
        await seen.press("y")
        await seen.see("2 of 8 were rated: 0 clips in every version", "there is no table")
        await seen.press("escape")
        second = await begin(seen)
        assert (second.number, second.seed != heard.seed) == (2, True)
        await rate_all(seen, second)
        await seen.press("enter")
        await seen.see("round 2 of 2", "step 150")
        await seen.press("left")
        await seen.see("round 1 of 2", "there is no table")
        assert isinstance(seen.app.screen, BlindTable)


async def test_what_cannot_be_written_is_said_and_asked_again(made: MadeRun, server: PulseServer) -> None:
    async with screen_of(made.workspace) as seen:
        await begin(seen)
        await seen.see("♪ ━")
        round_path(made.folder, 1).rename(made.folder.path / "away")
        await seen.press("4")
        await seen.see("has no blind round 1", "1 of 8", "not rated yet")
        (made.folder.path / "away").rename(round_path(made.folder, 1))
        await seen.see("♪ ━")
        await seen.press("4")
        await seen.see("2 of 8")


def test_the_browsers_page_is_told_nothing_but_the_place(made: MadeRun, machine: Server) -> None:
    with Terminal([RAVETUI, "-w", str(made.workspace.root)], environment=machine.environment) as terminal:
        terminal.wait_for("01 nocturne")
        terminal.press("tab", "tab", "tab", "u")
        text = terminal.wait_for(lambda text: "http://127.0.0.1:" in text)
        address = re.search(r"http://127\.0\.0\.1:(\d+)(/[\w-]+/)", text)
        assert address is not None
        page = OpenPage(int(address[1]), address[2])
        terminal.press("escape")
        # A b right after an escape would be the terminal's alt+b.
        terminal.wait_for(lambda text: "♪ laptop (browser)" in text and "ssh -N -L" not in text)
        terminal.press("b")
        terminal.wait_for("8 to hear")
        terminal.press("enter")
        terminal.wait_for("1 of 8")
        terminal.wait_for(lambda _: any(command["do"] == "play" for command in page.commands))
        told = next(command for command in page.commands if command["do"] == "play")
        assert (told["title"], told["run"], told["step"], told["file"]) == ("blind 1 of 8", "", None, "001.flac")
        page.tell(report="started", id=told["id"], seconds=0.0)
        terminal.wait_for("♪ ─")
        terminal.press("3")
        terminal.wait_for("2 of 8")
        terminal.wait_for(lambda _: any(command.get("file") == "002.flac" for command in page.commands))
        terminal.press("q")
        terminal.wait_for("1 training")
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
    page._thread.join(PATIENCE)
    page._events.close()
    page._connection.close()
    heard = read_round(made.folder, 1)
    gains = {item["file"]: item["volume"] for item in page.commands if item["do"] == "play"}
    ratio = LOUD[heard.order[1].step] * gains["002.flac"] / (LOUD[heard.order[0].step] * gains["001.flac"])
    # K-weighting lifts 900 Hz above 300 Hz by some tenths of a dB.
    assert 20 * np.log10(ratio) == pytest.approx(0.0, abs=1.5), "a browser raises nothing, so what is loud is lowered"


def test_the_command_says_what_there_is_not(made: MadeRun) -> None:
    assert "Nobody has listened blind to graz yet" in failure(made, "run", "blind", "graz")
    heard = begin_round(made.folder, STEPS, NAMES)
    for one in heard.order[:4]:
        answer_stimulus(made.folder, 1, one, STARS[one.step])
    assert "Round 1 of graz goes on: 4 of 8 rated" in failure(made, "run", "blind", "graz")
    assert "has no blind round 7" in failure(made, "run", "blind", "graz", "--round", "7")
    ended = command(made, "run", "blind", "graz", "--end")
    assert "4 of 8 were rated: 1 clip in every version" in ended
    assert {item.stars for item in rating_history(made.folder)} == {1, 3, 4}
    assert Stimulus(heard.order[0].clip, None) in heard.order


def stars(made: MadeRun, heard: BlindRound) -> list[int]:
    """What was said so far, in the order in which it is heard."""
    answers = read_round(made.folder, heard.number).answers
    return [answers[one].stars for one in heard.order if one in answers]


def command(made: MadeRun, *words: str) -> str:
    return CliRunner().invoke(ravetui, ["-w", str(made.workspace.root), *words], catch_exceptions=False).output


def failure(made: MadeRun, *words: str) -> str:
    return str(CliRunner().invoke(ravetui, ["-w", str(made.workspace.root), *words]).exception)


async def hears(seen: Seen, recording: Recording, version: int | None) -> None:
    """Wait for a second of one version: by then blocks of BS.1770 are of it alone."""
    await seen.until(lambda: pitch(recording, 1.0) == pytest.approx(PITCH[version], abs=3), f"{PITCH[version]} Hz")


def shown_stars(seen: Seen, step: int, clip: str) -> int | None:
    detail = seen.app.main.board.detail
    return detail.ratings.stars(step, clip) if detail is not None else None


def pitch(recording: Recording, seconds: float) -> float:
    """Frequency of the newest seconds, Hz; 0 unless all of them are audible."""
    newest = recording.samples()[-int(RATE * seconds) :]
    if len(newest) < RATE * seconds or min(np.abs(part).max() for part in np.array_split(newest, 20)) < 1e-3:
        return 0.0
    return float(np.argmax(np.abs(np.fft.rfft(newest)))) / seconds


def level(recording: Recording) -> float:
    """Loudness of the last second, LUFS."""
    found = loudness(recording.samples()[-RATE:], RATE)
    assert found is not None
    return found
