"""The page for the laptop's browser: who gets what, and that it follows the screen."""

import asyncio
import http.client
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.app.sound.page.outlet import PageOutlet
from ravetui.app.sound.page.ranges import byte_range
from ravetui.app.sound.playback import Playback
from tests.functional.test_sound import Reports
from tests.listening import Server
from tests.pulse import PATIENCE, tone


class Browser:
    """Speaks HTTP as one would, from a thread."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname == "127.0.0.1" and parts.port is not None
        self.port, self.path = parts.port, parts.path

    async def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and content."""

        def work() -> tuple[int, dict[str, str], bytes]:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            return answer.status, dict(answer.getheaders()), content

        return await asyncio.to_thread(work)

    async def tell(self, **said: Any) -> int:
        return (await self.ask(f"{self.path}report", "POST", json.dumps(said).encode()))[0]


class Events:
    """The page's stream of commands."""

    def __init__(self, browser: Browser) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", browser.port, timeout=PATIENCE)
        self._connection.request("GET", f"{browser.path}events")
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200

    def next(self) -> dict[str, Any]:
        while not (line := self._answer.readline()).startswith(b"data: "):
            assert line, "the stream ended"
        found: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
        return found

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


@pytest.fixture
async def playback(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Playback, Reports]]:
    server, reports = Server(), Reports()
    for key, value in server.environment.items():
        monkeypatch.setenv(key, value)
    made = Playback(reports)
    yield made, reports
    await made.close()
    server.close()


async def test_it_follows_the_screen_and_says_what_was_heard(
    playback: tuple[Playback, Reports], tmp_path: Path
) -> None:
    sound, reports = playback
    page = await sound.open_page()
    browser = Browser(page.url)
    path = tone(tmp_path / "a.flac", 2.0)
    await sound.play(path)
    assert sound.report.state == "failed"
    events = await asyncio.to_thread(Events, browser)
    await reports.until(lambda report: report.route.label == "laptop (browser)")
    playing = asyncio.create_task(sound.play(path, 0.5))
    told = await asyncio.to_thread(events.next)
    assert (told["do"], told["start"], told["file"]) == ("play", 0.5, "a.flac")
    status, headers, content = await browser.ask(f"{browser.path}{told['clip']}")
    assert (status, headers["Content-Type"], content) == (200, "audio/flac", path.read_bytes())
    assert await browser.tell(report="started", id=told["id"], seconds=1.9) == 200
    await playing
    assert (sound.report.state, sound.report.duration_s) == ("playing", 2.0)
    assert sound.report.message == "a.flac on laptop (browser)"
    await browser.tell(report="position", id=told["id"], seconds=1.0)
    await reports.until(lambda report: report.position_s == 1.0)
    await sound.seek(0.2)
    assert await asyncio.to_thread(events.next) == {"do": "seek", "id": told["id"], "seconds": 0.2}
    await browser.tell(report="ended", id=told["id"], seconds=2.0, complete=True)
    assert (await reports.until_state("idle", 2.0)).complete
    playing = asyncio.create_task(sound.play(path))
    again = await asyncio.to_thread(events.next)
    await browser.tell(report="error", id=again["id"], message="click into the page in the browser once")
    await playing
    assert sound.report.message.startswith("Click into the page in the browser once; the file is ")
    events.close()
    await reports.until(lambda report: not report.route.audible)


async def test_only_who_knows_the_token_and_comes_by_our_name_gets_anything(
    playback: tuple[Playback, Reports], tmp_path: Path
) -> None:
    page = await playback[0].open_page()
    browser = Browser(page.url)
    assert (await browser.ask(browser.path))[0] == 200
    assert (await browser.ask(browser.path, Host=f"localhost:{browser.port}"))[0] == 200
    assert (await browser.ask(browser.path, Host="127.0.0.1:9999"))[0] == 200
    for host in ("evil.com", f"evil.com:{browser.port}", "127.0.0.1.evil.com", "", "[::2]", "[half"):
        status, headers, text = await browser.ask(browser.path, Host=host)
        assert (status, headers["Connection"], text) == (403, "close", b"403 Forbidden\n"), host
    for path in ("/", "/x/", browser.path[:-2] + "/", browser.path.upper(), "//", "/%00/", f"x://[half{browser.path}"):
        assert (await browser.ask(path))[0] == 403, path
    for origin in ("https://evil.com", "null", "https://[half"):
        assert (await browser.ask(browser.path, Origin=origin))[0] == 403, origin
    for rest in ("clip/0", "clip/1", "clip/../../etc/passwd", "../page.html", "clip/1x"):
        assert (await browser.ask(browser.path + rest))[0] == 404, rest
    _, headers, text = await browser.ask(browser.path)
    assert b"<audio" in text or b"new Audio" in text
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "said", [b"", b"[]", b"{", b'{"report": "started"}', b'{"report": "run", "id": 1}', b"[" * 9000]
)
async def test_a_report_that_makes_no_sense_is_refused(playback: tuple[Playback, Reports], said: bytes) -> None:
    page = await playback[0].open_page()
    browser = Browser(page.url)
    assert (await browser.ask(f"{browser.path}report", "POST", said))[0] == 400


async def test_a_browser_may_seek_by_ranges(playback: tuple[Playback, Reports], tmp_path: Path) -> None:
    page = await playback[0].open_page()
    browser = Browser(page.url)
    path = tone(tmp_path / "a.wav", 0.5)
    content = path.read_bytes()
    page._server.clips[7] = path
    clip = f"{browser.path}clip/7"
    status, headers, part = await browser.ask(clip, Range="bytes=100-199")
    assert (status, part, headers["Content-Range"]) == (206, content[100:200], f"bytes 100-199/{len(content)}")
    assert (await browser.ask(clip, Range="bytes=-10"))[2] == content[-10:]
    assert (await browser.ask(clip, Range="bytes=1000-"))[2] == content[1000:]
    assert (await browser.ask(clip, Range=f"bytes={len(content)}-"))[0] == 416
    status, headers, nothing = await browser.ask(clip, "HEAD")
    assert (status, headers["Content-Length"], nothing) == (200, str(len(content)), b"")
    page._server.clips[8] = tone(tmp_path / "b.aiff", 0.5)
    status, headers, flac = await browser.ask(f"{browser.path}clip/8")
    assert (status, headers["Content-Type"], flac[:4]) == (200, "audio/flac", b"fLaC")


@given(st.integers(1, 999), st.integers(0, 1200), st.integers(0, 1200))
def test_a_range_is_what_python_would_slice(size: int, first: int, last: int) -> None:
    data = bytes(size)
    if first < size and first <= last:
        begin, end = byte_range(f"bytes={first}-{last}", size) or (0, 0)
        assert data[begin : end + 1] == data[first : last + 1]
        assert end < size
    else:
        with pytest.raises(ValueError):
            byte_range(f"bytes={first}-{last}", size)


@pytest.mark.parametrize("header", [None, "", "bytes=-", "lines=1-2", "bytes=1-2,4-5", "bytes=a-b"])
def test_what_is_no_single_range_gets_all(header: str | None) -> None:
    assert byte_range(header, 10) is None


async def test_the_lines_to_type_are_exact(playback: tuple[Playback, Reports]) -> None:
    page: PageOutlet = await playback[0].open_page()
    port = Browser(page.url).port
    assert page.tunnel.startswith(f"ssh -N -L {port}:127.0.0.1:{port} ")
    assert page.tunnel.endswith("@192.0.2.1")
