"""A laptop and a server on one machine: `ravetui listen` with a sound server of its own, through a real sshd."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.pulse import NO_SOUND, PATIENCE, PulseServer
from tests.sshd import Sshd
from tests.terminal import RAVETUI


class Server:
    """The machine without sound: its sockets are in a folder of its own, and ravetui is not in PATH."""

    def __init__(self) -> None:
        # Short, since a socket's path may not be long.
        self.folder = Path(tempfile.mkdtemp(prefix="rv"))
        self.runtime = self.folder / "run"
        self.runtime.mkdir(mode=0o700)
        self.environment = {
            **NO_SOUND,
            "XDG_RUNTIME_DIR": str(self.runtime),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "SSH_CONNECTION": "192.0.2.7 50000 192.0.2.1 22",
        }
        self.program = self.folder / "ravetui"
        lines = [f"export {name}='{value}'" for name, value in self.environment.items()]
        self.program.write_text("\n".join(["#!/bin/sh", *lines, f'exec {RAVETUI} "$@"', ""]))
        self.program.chmod(0o755)

    def sockets(self) -> list[Path]:
        """Of the bridges."""
        return sorted((self.runtime / "ravetui").glob("*.sock"))

    def close(self) -> None:
        """Remove its folder."""
        shutil.rmtree(self.folder)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The machine that this process is on, without sound."""
    made = Server()
    for key, value in made.environment.items():
        monkeypatch.setenv(key, value)
    yield made
    made.close()


class Laptop:
    """A running `ravetui listen`.

    Args:
        server: Where the bridge runs.
        sshd: Gets us there.
        pulse: The laptop's sound; None: it has none.
        port: In place of sshd's own, a proxy's.
        options: More for the command line.
        environment: More for it.
        folder: Of its cache and its memory; a new one if not given.
        knows_the_way: Whether it was told before where ravetui is over there.
    """

    def __init__(
        self,
        server: Server,
        sshd: Sshd,
        pulse: PulseServer | None,
        *options: str,
        port: int | None = None,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        knows_the_way: bool = False,
    ) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="rvl"))
        words = sshd.command()
        user_host, words = words[-1], [word for word in words[:-1] if word != "-tt"]
        if port is not None:
            words[words.index("-p") + 1] = str(port)
        sound = pulse.environment if pulse is not None else NO_SOUND
        homes = {"XDG_CACHE_HOME": str(self.folder / "cache"), "XDG_STATE_HOME": str(self.folder / "state")}
        command = [RAVETUI, "listen", user_host, "--command", " ".join(words)]
        if not knows_the_way:
            command += ["--remote", str(server.program)]
        self.process = subprocess.Popen(
            [*command, *options],
            env={**os.environ, **sound, **homes, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.said = ""
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait_for(self, wanted: str | Callable[[str], bool], seconds: float = PATIENCE) -> str:
        """Until it has said something.

        Raises:
            AssertionError: It did not; the message is what it said instead.
        """
        deadline = time.monotonic() + seconds
        with self._news:
            while not (wanted in self.said if isinstance(wanted, str) else wanted(self.said)):
                left = deadline - time.monotonic()
                assert self._news.wait(max(left, 0)) or left > 0, f"{wanted!r} was not said, but:\n{self.said}"
        return self.said

    def connected(self) -> "Laptop":
        """Itself, once the bridge is there."""
        self.wait_for("Connected to")
        return self

    def ssh(self) -> int:
        """Process id of its ssh."""
        (pid,) = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(pid)

    def close(self) -> tuple[int, str]:
        """Ctrl-C; the exit code and what was said on standard output."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        assert self.process.stdout is not None
        out = self.process.stdout.read().decode()
        code = self.process.wait(PATIENCE)
        self._thread.join()
        self.process.stdout.close()
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code, out

    def _read(self) -> None:
        assert self.process.stderr is not None
        while data := self.process.stderr.read1(4096):  # type: ignore[attr-defined]
            with self._news:
                self.said += data.decode(errors="replace")
                self._news.notify_all()
