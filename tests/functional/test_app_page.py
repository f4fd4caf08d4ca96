"""From a key in the screen to the page in the laptop's browser, as an HTTP client sees it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.listening import Server, server
from tests.open_page import OpenPage
from tests.run_maker import MadeRun, sampled_run
from tests.terminal import RAVETUI, Terminal

__all__ = ["server"]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[MadeRun]:
    with sampled_run(tmp_path, 2, 1.0) as made:
        yield made


def test_a_key_shows_the_tunnel_and_space_plays_in_the_page_behind_it(server: Server, run: MadeRun) -> None:
    with Terminal([RAVETUI, "-w", str(run.workspace.root)], environment=server.environment) as terminal:
        terminal.wait_for("01 nocturne")
        terminal.press("tab", "tab", "tab", "u")
        text = terminal.wait_for(lambda text: "http://127.0.0.1:" in text and "ssh -N -L" in text)
        tunnel = re.search(r"ssh -N -L (\d+):127\.0\.0\.1:\1 \S+@192\.0\.2\.1", text)
        address = re.search(r"http://127\.0\.0\.1:(\d+)(/[\w-]+/)", text)
        assert tunnel is not None and address is not None and tunnel[1] == address[1]
        page = OpenPage(int(address[1]), address[2])
        terminal.press("escape")
        # A space right after an escape would be the terminal's alt+space.
        terminal.wait_for(lambda text: "♪ laptop (browser)" in text and "ssh -N -L" not in text)
        terminal.press(" ")
        terminal.wait_for(lambda _: bool(page.commands))
        (told,) = page.commands
        assert (told["do"], told["file"], told["run"], told["step"]) == ("play", "nocturne.flac", "graz", 50)
        page.tell(report="started", id=told["id"], seconds=1.0)
        terminal.wait_for("♪ 01 nocturne")
        page.tell(report="ended", id=told["id"], seconds=1.0, complete=True)
        terminal.wait_for(lambda text: "♪ 01 nocturne" not in text)
        terminal.press("q")
        assert terminal.wait_for_exit() == 0
    page.wait()
