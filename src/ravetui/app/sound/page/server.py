"""A web server on the loopback for one page: a token in the path, the Host looked at, files only while they play.

Another user of the machine can reach the port, but does not know the token. A web page somewhere that has its name
point to 127.0.0.1 (DNS rebinding) comes with its own name as Host.
"""

import contextlib
import hmac
import io
import json
import queue
import secrets
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from ravetui.app.sound.page.ranges import byte_range
from ravetui.errors import SoundError

FIRST_PORT = 8765
_TRIES = 16
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_TYPES = {".flac": "audio/flac", ".wav": "audio/wav", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".opus": "audio/ogg"}
"""What browsers play; all else is sent as FLAC."""
_MOST_REPORT = 1 << 16
_HEARTBEAT_SECONDS = 2.0
_CHUNK = 1 << 16

Commands = queue.Queue[dict[str, Any] | None]


class PageServer(ThreadingHTTPServer):
    """Serves the page from threads of its own.

    Args:
        on_report: Called, in any thread, with what the page reports.
        on_attach: Called, in any thread, when a page is there or has gone.

    Raises:
        SoundError: No port of the loopback can be had.
    """

    daemon_threads = True
    allow_reuse_address = False

    def __init__(self, on_report: Callable[[dict[str, Any]], None], on_attach: Callable[[bool], None]) -> None:
        self.token = secrets.token_urlsafe(18)
        self.on_report = on_report
        self._on_attach = on_attach
        self._page: Commands | None = None
        """The newest page's commands."""
        self._lock = threading.Lock()
        self.clips: dict[int, Path] = {}
        """What may be fetched."""
        for port in (*range(FIRST_PORT, FIRST_PORT + _TRIES), 0):
            with contextlib.suppress(OSError):
                super().__init__(("127.0.0.1", port), _Handler)
                break
        else:
            raise SoundError("No port", "No port of 127.0.0.1 can be had for the page.")
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()

    @property
    def port(self) -> int:
        """Of the loopback."""
        return int(self.server_address[1])

    @property
    def attached(self) -> bool:
        """Whether a page is open in a browser."""
        return self._page is not None

    def tell(self, **command: Any) -> None:
        """Give the page a command."""
        page = self._page
        if page is not None:
            page.put(command)

    def come(self) -> Commands:
        """A page is there; it takes the place of another."""
        mine: Commands = queue.Queue()
        with self._lock:
            before, self._page = self._page, mine
        if before is not None:
            before.put(None)
        self._on_attach(True)
        return mine

    def go(self, mine: Commands) -> None:
        """A page has gone."""
        with self._lock:
            last = self._page is mine
            if last:
                self._page = None
        if last:
            self._on_attach(False)

    def close(self) -> None:
        """Serve no more."""
        self.tell(do="stop")
        if self._page is not None:
            self._page.put(None)
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that leaves in the middle is no error, and the terminal is not ours to print on."""


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_GET(self) -> None:
        rest = self._rest()
        if rest is None:
            return
        if rest == "":
            self._send(files("ravetui.app.sound.page").joinpath("page.html").read_bytes(), "text/html; charset=utf-8")
        elif rest == "events":
            self._events()
        elif rest.startswith("clip/") and rest[5:].isdigit() and int(rest[5:]) in self.server.clips:
            self._clip(self.server.clips[int(rest[5:])])
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        rest = self._rest()
        length = self.headers.get("Content-Length", "")
        if rest is None:
            return
        if rest != "report" or not length.isdigit() or int(length) > _MOST_REPORT:
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        try:
            said = json.loads(self.rfile.read(int(length)))
            self.server.on_report(_checked(said))
        except (ValueError, KeyError, TypeError, RecursionError):
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        self._send(b"", "text/plain")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name it has in the base class)
        """Nothing: the terminal belongs to the screen."""

    def _rest(self) -> str | None:
        """The path after the token; None when the request was refused."""
        origin = self.headers.get("Origin")
        try:
            host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
            foreign = origin is not None and urlsplit(origin).hostname not in _LOOPBACK
            token, _, rest = urlsplit(self.path).path.removeprefix("/").partition("/")
        except ValueError:  # A bracket that is not closed, for one.
            host, foreign, token, rest = None, True, "", ""
        right = hmac.compare_digest(token.encode(), self.server.token.encode())
        if host not in _LOOPBACK or foreign or not right:
            self._refuse(HTTPStatus.FORBIDDEN)
            return None
        return rest

    def _refuse(self, status: HTTPStatus) -> None:
        said = f"{status.value} {status.phrase}\n".encode()
        self._head(status, "text/plain; charset=utf-8", len(said), Connection="close")
        if self.command != "HEAD":
            self.wfile.write(said)

    def _send(self, content: bytes, kind: str) -> None:
        self._head(HTTPStatus.OK, kind, len(content))
        if self.command != "HEAD":
            self.wfile.write(content)

    def _head(self, status: HTTPStatus, kind: str, length: int | None, **more: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        policy = "default-src 'none'; media-src 'self'; connect-src 'self'; script-src 'unsafe-inline'; style-src"
        self.send_header("Content-Security-Policy", f"{policy} 'unsafe-inline'; frame-ancestors 'none'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        for name, value in more.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _events(self) -> None:
        """Commands as server-sent events, until the page or the server goes."""
        self.close_connection = True
        self._head(HTTPStatus.OK, "text/event-stream", None)
        mine = self.server.come()
        try:
            while True:
                try:
                    command = mine.get(timeout=_HEARTBEAT_SECONDS)
                except queue.Empty:
                    self.wfile.write(b": \n\n")
                    continue
                if command is None:
                    self.wfile.write(b'data: {"do": "leave"}\n\n')
                    return
                self.wfile.write(b"data: " + json.dumps(command).encode() + b"\n\n")
        except OSError:
            return
        finally:
            self.server.go(mine)

    def _clip(self, path: Path) -> None:
        try:
            file, kind = _opened(path)
        except (OSError, RuntimeError):
            self._refuse(HTTPStatus.NOT_FOUND)
            return
        with file:
            size = file.seek(0, io.SEEK_END)
            try:
                wanted = byte_range(self.headers.get("Range"), size)
            except ValueError:
                status = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
                self._head(status, kind, 0, Content_Range=f"bytes */{size}")
                return
            first, last = wanted or (0, size - 1)
            length = last - first + 1
            if wanted is None:
                self._head(HTTPStatus.OK, kind, length, Accept_Ranges="bytes")
            else:
                told = f"bytes {first}-{last}/{size}"
                self._head(HTTPStatus.PARTIAL_CONTENT, kind, length, Accept_Ranges="bytes", Content_Range=told)
            file.seek(first)
            while self.command != "HEAD" and length > 0 and (data := file.read(min(_CHUNK, length))):
                self.wfile.write(data)
                length -= len(data)


def _opened(path: Path) -> tuple[IO[bytes], str]:
    """The file, or its audio as FLAC, and its type."""
    if (kind := _TYPES.get(path.suffix.lower())) is not None:
        return path.open("rb"), kind
    import soundfile

    audio, rate = soundfile.read(path)
    out = io.BytesIO()
    soundfile.write(out, audio, rate, format="FLAC", subtype="PCM_16")
    return out, _TYPES[".flac"]


def _checked(said: dict[str, Any]) -> dict[str, Any]:
    """A report with the fields that it must have, of the types that they must have."""
    kind = str(said["report"])
    found: dict[str, Any] = {"report": kind, "id": int(said["id"])}
    if kind in ("started", "position"):
        return found | {"seconds": max(0.0, float(said["seconds"]))}
    if kind == "ended":
        return found | {"seconds": max(0.0, float(said["seconds"])), "frames": 0, "complete": bool(said["complete"])}
    if kind == "error":
        return found | {"fault": "device", "message": str(said["message"])[:512]}
    raise ValueError(kind)
