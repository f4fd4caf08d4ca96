"""A long, thin line to a port of this machine: TCP with a delay and a rate, which can be cut or held."""

import contextlib
import queue
import socket
import threading
import time
from types import TracebackType
from typing import Self


class DelayProxy:
    """Carries connections to a port of the loopback until the ``with`` block ends.

    Args:
        target: Port.
        delay: Seconds one way; half of a round trip.
        rate: Bytes a second in each direction; 0: as fast as it goes.
    """

    def __init__(self, target: int, delay: float = 0.0, rate: float = 0.0) -> None:
        self._target, self._delay, self._rate = target, delay, rate
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._ends: list[socket.socket] = []
        self._flows = threading.Event()
        self._flows.set()
        self._refuses = False
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._flows.set()
        self._server.close()
        self._break()

    def cut(self) -> None:
        """Break all connections, and let none come until ``mend``."""
        self._refuses = True
        self._break()

    def hold(self) -> None:
        """Let nothing through, without a word to either end."""
        self._flows.clear()

    def mend(self) -> None:
        """All is well again."""
        self._refuses = False
        self._flows.set()

    def _break(self) -> None:
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._ends.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            if self._refuses:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._target))
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._ends.append(end)
            for one, other in ((near, far), (far, near)):
                line: queue.Queue[tuple[float, bytes]] = queue.Queue()
                threading.Thread(target=self._take, args=(one, line), daemon=True).start()
                threading.Thread(target=self._give, args=(other, line), daemon=True).start()

    def _take(self, end: socket.socket, line: "queue.Queue[tuple[float, bytes]]") -> None:
        free = 0.0
        data = b"-"
        while data:
            try:
                data = end.recv(8192)
            except OSError:
                data = b""
            # A packet leaves when those before it have, and arrives a delay later.
            free = max(free, time.monotonic()) + (len(data) / self._rate if self._rate else 0.0)
            line.put((free + self._delay, data))

    def _give(self, end: socket.socket, line: "queue.Queue[tuple[float, bytes]]") -> None:
        data = b"-"
        while data:
            at, data = line.get()
            self._flows.wait()
            time.sleep(max(0.0, at - time.monotonic()))
            with contextlib.suppress(OSError):
                if data:
                    end.sendall(data)
                else:
                    end.shutdown(socket.SHUT_RDWR)
