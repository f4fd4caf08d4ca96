"""The player process, spoken to as the screen speaks to it, on a machine without sound."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pulse import NO_SOUND, PATIENCE, silence_libraries, tone

COMMAND = [sys.executable, "-P", "-m", "ravetui.app.sound.player"]


class Child:
    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            COMMAND,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def tell(self, **command: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def hear(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())


@pytest.fixture
def child() -> Iterator[Child]:
    made = Child(NO_SOUND)
    with made.process:
        yield made
        made.process.kill()


NOWHERE = {"report": "no_device", "reason": "this machine has no sound device"}


def test_it_says_that_there_is_no_device_and_does_not_pretend(child: Child, tmp_path: Path) -> None:
    assert child.hear() == NOWHERE
    path = tone(tmp_path / "a.wav", 0.2)
    child.tell(do="play", id=7, path=str(path), start=0.0, volume=1.0)
    assert child.hear() == {**NOWHERE, "id": 7}
    child.tell(do="stop")
    missing = tmp_path / "missing.wav"
    child.tell(do="play", id=8, path=str(missing), start=0.0, volume=1.0)
    assert child.hear() == {"report": "error", "id": 8, "fault": "file", "message": f"{missing} is not a file."}
    child.tell(do="quit")
    assert child.process.wait(PATIENCE) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="hides shared libraries as the Linux loader finds them")
def test_it_does_not_pretend_without_sound_libraries_either(tmp_path: Path) -> None:
    child = Child(silence_libraries(tmp_path))
    with child.process:
        assert child.hear() == NOWHERE
        path = tone(tmp_path / "a.wav", 0.2)
        child.tell(do="play", id=1, path=str(path), start=0.0, volume=1.0)
        assert child.hear() == {**NOWHERE, "id": 1}


def test_it_ends_with_its_input(child: Child) -> None:
    child.hear()
    assert child.process.stdin is not None
    child.process.stdin.close()
    assert child.process.wait(PATIENCE) == 0


def test_it_ends_with_its_input_though_the_sound_system_hangs(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    hang = f"import threading; open({str(ready)!r}, 'w').close(); threading.Event().wait()"
    (tmp_path / "miniaudio.py").write_text(hang)
    child = Child({"PYTHONPATH": str(tmp_path)})
    with child.process:
        ready.read_text()
        assert child.process.stdin is not None
        child.process.stdin.close()
        assert child.process.wait(PATIENCE) == 0


def test_it_ends_when_nobody_listens(child: Child) -> None:
    child.hear()
    assert child.process.stdout is not None
    child.process.stdout.close()
    child.tell(do="play", id=1, path="missing.wav", start=0.0, volume=1.0)
    assert child.process.wait(PATIENCE) == 0


def test_a_line_that_is_no_command_ends_it_aloud(child: Child) -> None:
    child.hear()
    assert child.process.stdin is not None
    child.process.stdin.write("play it\n")
    child.process.stdin.flush()
    assert child.process.wait(PATIENCE) == 1
