"""From a key in the screen to the page in the laptop's browser, as an HTTP client sees it."""

import http.client
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.listening import Server
from tests.pulse import PATIENCE
from tests.run_maker import MadeRun, workspace_in
from tests.terminal import RAVETUI, Terminal


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[MadeRun]:
    made = MadeRun(workspace_in(tmp_path), "graz").begin(live=True).train(50)
    made.validate(samples=0)
    made.render(2, seconds=1.0)
    yield made
    made.release()


class OpenPage:
    """A page in a browser: its commands come while the screen is read."""

    def __init__(self, port: int, path: str) -> None:
        self.commands: list[dict[str, Any]] = []
        self._port, self._path = port, path
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._connection.request("GET", f"{path}events")
        self._events = self._connection.getresponse()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while line := self._events.readline():
            if line.startswith(b"data: "):
                self.commands.append(json.loads(line.removeprefix(b"data: ")))

    def tell(self, **said: Any) -> None:
        """Report as the page's script does."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        connection.request("POST", f"{self._path}report", json.dumps(said))
        assert connection.getresponse().status == 200
        connection.close()


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
    page._thread.join(PATIENCE)
    page._events.close()
    page._connection.close()
