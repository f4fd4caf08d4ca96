"""The page in the laptop's browser, as its server sees it."""

import http.client
import json
import socket
import threading
from typing import Any

from tests.pulse import PATIENCE


class OpenPage:
    """A page in a browser: its commands come while something else is waited for.

    Args:
        port: Of the loopback.
        path: With the secret, from slash to slash.
    """

    def __init__(self, port: int, path: str) -> None:
        self.commands: list[dict[str, Any]] = []
        self._port, self._path = port, path
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._connection.connect()
        self._socket: socket.socket = self._connection.sock
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

    def fetch(self, name: str) -> bytes:
        """What it gets under a name that it was told."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        connection.request("GET", f"{self._path}{name}")
        answer = connection.getresponse()
        assert answer.status == 200
        content = answer.read()
        connection.close()
        return content

    def close(self) -> None:
        """Close the tab."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self.wait()

    def wait(self) -> None:
        """Until the server has let it go."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        self._events.close()
        self._connection.close()
