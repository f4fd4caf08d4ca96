"""A file server on this machine that cuts connections when told to."""

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FileServer(ThreadingHTTPServer):
    """Serves one file, cuts connections when told to, and remembers what it was asked."""

    def __init__(self, content: bytes, *, ranges: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.ranges = content, ranges
        self.cuts: list[int] = []
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/files/music.pt?download=true"


class Handler(BaseHTTPRequestHandler):
    server: FileServer

    def do_GET(self) -> None:
        served = self.server
        wanted = self.headers.get("Range", "")
        served.asked.append(wanted)
        tag = f'"{hashlib.md5(served.content).hexdigest()}"'
        start = int(wanted.removeprefix("bytes=").rstrip("-") or 0)
        if not served.ranges or self.headers.get("If-Range") != tag:
            start = 0
        if "missing" in self.path:
            self.send_error(404)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(served.content) - start))
        self.send_header("ETag", tag)
        self.end_headers()
        end = start + served.cuts.pop(0) if served.cuts else len(served.content)
        with contextlib.suppress(ConnectionError):
            self.wfile.write(served.content[start:end])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Silence."""


@contextlib.contextmanager
def serving(content: bytes, *, ranges: bool = True) -> Iterator[FileServer]:
    server = FileServer(content, ranges=ranges)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
