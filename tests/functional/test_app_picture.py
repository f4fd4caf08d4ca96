"""What a clip looks like: a steady tone that only the reconstruction has is seen, named and found at once."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ravetui.app.panes.picture import PicturePane
from ravetui.app.picture.clip_picture import clip_picture
from ravetui.app.theme import loudness_roles
from ravetui.runs.samples import list_samples
from tests.pulse import PulseServer, pulse_server
from tests.run_maker import RATE, MadeRun, sampled_run
from tests.screen import screen_of
from tests.terminal import RAVETUI, Terminal

__all__ = ["pulse_server"]

STATIC = 7000.0


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeRun]:
    with sampled_run(tmp_path, 1, 4.0) as made:
        music = np.cumsum(np.random.default_rng(3).normal(0, 0.01, 4 * RATE))
        music -= np.convolve(music, np.ones(2001) / 2001, "same")
        static = 0.01 * np.sin(2 * np.pi * STATIC * np.arange(4 * RATE) / RATE)
        for clip in list_samples(made.folder, 50):
            soundfile.write(clip.original, music, RATE)
            soundfile.write(clip.reconstruction, music + static, RATE)
        yield made


def test_the_static_is_where_the_spectra_differ_most(made: MadeRun) -> None:
    clip = list_samples(made.folder, 50)[0]
    picture = clip_picture(clip.original, clip.reconstruction, (0, 0))
    band = int(np.argmax(picture.average_difference))
    assert picture.edges[band] <= STATIC < picture.edges[band + 1]
    assert picture.strongest(band) == pytest.approx(STATIC, abs=RATE / 2048)
    others = np.delete(picture.average_difference, [band - 1, band, band + 1])
    assert picture.average_difference[band] > 15 > 1 > np.abs(others).max()


@pytest.mark.parametrize("size", [(80, 24), (140, 44)])
async def test_the_cursor_stands_on_the_static_and_names_it(made: MadeRun, size: tuple[int, int]) -> None:
    async with screen_of(made.workspace, *size) as seen:
        await seen.until(lambda: seen.app.main.board.situation.sample is not None)
        await seen.press("v")
        await seen.see("picture of nocturne · step 50", "original", "reconstruction", "(A8)")
        assert int(seen.line("(A8)").split()[0]) == pytest.approx(STATIC, abs=22)
        await seen.press("a")
        await seen.see("average spectrum, reconstruction − original, dB")
        loud = max((line for line in seen.lines if "│" in line), key=lambda line: line.count("█"))
        assert "▸" in loud, "the longest bar is the one at the cursor"
        await seen.press("d")
        await seen.see("reconstruction − original: red")
        await seen.press("down")
        await seen.until(lambda: "(A8)" not in seen.text, "another frequency")
        await seen.press("w")
        await seen.see("(A8)")
        await seen.press("escape")
        await seen.until(lambda: seen.app.screen is seen.app.main)


def test_while_it_sounds_only_the_row_of_the_head_is_painted(made: MadeRun, pulse_server: PulseServer) -> None:
    argv = [RAVETUI, "-w", str(made.workspace.root)]
    with Terminal(argv, columns=120, rows=40, environment=pulse_server.environment) as terminal:
        terminal.wait_for("01 nocturne")
        terminal.press("v")
        terminal.wait_for("(A8)")
        terminal.press(" ")
        terminal.wait_for(lambda text: head_s(text) > 0)
        terminal.written.clear()
        # The run behind it is alive, and its screen looks twenty times a second.
        made.train(5)
        terminal.wait_for(lambda text: head_s(text) > 2)
        # The cursor is put on a row to paint it; after each frame it goes back to its corner, and nothing follows.
        rows = re.findall(rb"\x1b\[(\d+);\d+H(?!\x1b\[\d+;\d+H|\x1b\[\?|$)", bytes(terminal.written))
        assert len(rows) > 10
        assert set(rows) == {b"38"}
        terminal.press("q", "q")
        assert terminal.wait_for_exit() == 0


async def test_without_colours_it_is_seen_in_shades(made: MadeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with screen_of(made.workspace, 80, 24) as seen:
        await seen.until(lambda: seen.app.main.board.situation.sample is not None)
        await seen.press("v", "d")
        await seen.see("reconstruction − original: red", "(A8)")
        await seen.until(lambda: any("▸" in line and shaded(line) > 50 for line in seen.lines), "a line of static")


def shaded(line: str) -> int:
    return sum(line.count(sign) for sign in "░▒▓█")


@pytest.mark.parametrize(("theme", "ground"), [("ravetui", "#12141c"), ("textual-light", "#e0e0e0")])
async def test_nothing_looks_like_the_ground_and_the_loudest_stands_out_most(
    made: MadeRun, theme: str, ground: str
) -> None:
    async with screen_of(made.workspace, 100, 30) as seen:
        seen.app.theme = theme
        await seen.until(lambda: seen.app.main.board.situation.sample is not None)
        await seen.press("v")
        await seen.see("(A8)")
        pane = seen.app.screen.query_one(PicturePane)
        colours = pane._colours(loudness_roles)
        known = [color.get_truecolor() for color in colours]
        light = [0.299 * color.red + 0.587 * color.green + 0.114 * color.blue for color in known]
        assert known[0].hex == ground
        assert light == sorted(light, reverse=theme == "textual-light")
        assert abs(light[-1] - light[0]) > 120
        drawn = {segment.style.color for y in range(28) for segment in pane.render_line(y) if segment.style}
        assert drawn & set(colours), "the wave at least: the test's terminal has too few colours for more"


def head_s(text: str) -> float:
    """Where the playhead is said to be; 0: it is not there."""
    found = re.match(r" *([\d.]+) s ┬", text.splitlines()[37])
    return float(found[1]) if found else 0.0
