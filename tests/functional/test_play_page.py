"""`ravetui play` on a server without sound, in a terminal: it waits for a page in the browser, or for a listener."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.listening import Laptop, Server, server
from tests.open_page import OpenPage
from tests.pulse import PATIENCE, PulseServer, pulse_server, tone
from tests.sshd import Sshd, sshd
from tests.terminal import RAVETUI, Terminal

__all__ = ["pulse_server", "server", "sshd"]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return tone(tmp_path / "a.flac", 2.0)


@pytest.fixture
def terminal(server: Server, clip: Path) -> Iterator[Terminal]:
    """In which it plays the clip."""
    with Terminal([RAVETUI, "play", str(clip)], columns=160, environment=server.environment) as made:
        yield made


def opened(text: str) -> OpenPage:
    """The page whose address was printed; the tunnel is to its port."""
    tunnel = re.search(r"ssh -N -L (\d+):127\.0\.0\.1:\1 \S+@192\.0\.2\.1", text)
    address = re.search(r"http://127\.0\.0\.1:(\d+)(/[\w-]+/)", text)
    assert tunnel is not None and address is not None and tunnel[1] == address[1]
    return OpenPage(int(address[1]), address[2])


def test_it_serves_until_the_page_has_played_it(terminal: Terminal, clip: Path) -> None:
    text = terminal.wait_for("Ctrl-C gives up")
    assert "this machine has no sound device" in text
    assert f"The file is {clip}" in text
    page = opened(text)
    terminal.wait_for(lambda _: bool(page.commands))
    (told,) = page.commands
    assert (told["do"], told["file"], told["start"]) == ("play", "a.flac", 0.0)
    assert page.fetch(told["clip"]) == clip.read_bytes()
    page.tell(report="started", id=told["id"], seconds=2.0)
    terminal.wait_for("a.flac on laptop (browser)")
    page.tell(report="position", id=told["id"], seconds=1.0)
    terminal.wait_for("0:01 / 0:02")
    page.tell(report="ended", id=told["id"], seconds=2.0, complete=True)
    assert terminal.wait_for_exit() == 0
    assert f"Played 2.0 s of {clip} on laptop (browser)" in terminal.text
    page.wait()


def test_a_page_that_must_be_clicked_or_was_closed_is_waited_for(terminal: Terminal, clip: Path) -> None:
    text = terminal.wait_for("Ctrl-C gives up")
    page = opened(text)
    terminal.wait_for(lambda _: bool(page.commands))
    number = page.commands[0]["id"]
    page.tell(report="error", id=number, message="click into the page in the browser once, so that it may sound")
    terminal.wait_for("Click into the page in the browser once")
    page.tell(report="started", id=number, seconds=2.0)
    page.tell(report="position", id=number, seconds=1.0)
    terminal.wait_for("0:01 / 0:02")
    # Loaded anew, before the server knows that the first one is gone; then closed for good.
    again = opened(text)
    terminal.wait_for(lambda _: bool(again.commands))
    assert (again.commands[0]["id"], again.commands[0]["start"]) == (number, 1.0)
    page.wait()
    again.close()
    terminal.wait_for("the page in the laptop's browser was closed".capitalize())
    page = opened(text)
    terminal.wait_for(lambda _: bool(page.commands))
    (told,) = page.commands
    assert told["start"] == 1.0, "it goes on where it was"
    page.tell(report="started", id=told["id"], seconds=2.0)
    page.tell(report="ended", id=told["id"], seconds=2.0, complete=True)
    assert terminal.wait_for_exit() == 0
    page.wait()


def test_a_listener_that_comes_instead_plays_it(
    terminal: Terminal, server: Server, sshd: Sshd, pulse_server: PulseServer, clip: Path
) -> None:
    terminal.wait_for("Ctrl-C gives up")
    with pulse_server.recording() as recording:
        laptop = Laptop(server, sshd, pulse_server).connected()
        recording.wait_for_sound(1.0)
        assert terminal.wait_for_exit() == 0
    assert f"Played 2.0 s of {clip} on laptop (listen" in terminal.text
    laptop.close()


def test_ctrl_c_gives_up(terminal: Terminal) -> None:
    page = opened(terminal.wait_for("Ctrl-C gives up"))
    terminal.wait_for(lambda _: bool(page.commands))
    terminal.press("\x03")
    assert terminal.wait_for_exit() == 130
    assert "Played" not in terminal.text
    page.wait()


def test_without_a_terminal_it_waits_only_when_told_to(server: Server, clip: Path) -> None:
    words = [RAVETUI, "play", str(clip), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 1
    assert "ssh -N -L" not in done.stderr
    with subprocess.Popen([*words, "--page"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as waiting:
        assert waiting.stderr is not None
        said = ""
        while "Ctrl-C gives up" not in said:
            said += waiting.stderr.readline()
        page = opened(said)
        while not page.commands:
            page._thread.join(0.02)
        page.tell(report="started", id=page.commands[0]["id"], seconds=2.0)
        page.tell(report="ended", id=page.commands[0]["id"], seconds=2.0, complete=True)
        out, _ = waiting.communicate(timeout=PATIENCE)
    assert waiting.returncode == 0
    document = json.loads(out)
    assert (document["played"], document["route"], document["seconds"]) == (True, "laptop (browser)", 2.0)
    page.wait()
