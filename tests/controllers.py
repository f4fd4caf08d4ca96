"""Twenty programs that do the same thing to a workspace at the same moment."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CONTROLLERS = 20


class Controllers:
    """Processes that wait for an order, and carry it out when all of them have it."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.controllers"]
        self._all = [
            subprocess.Popen(
                command,
                cwd=Path(__file__).parent.parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
            )
            for _ in range(CONTROLLERS)
        ]
        for process in self._all:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        for process in self._all:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.close()
            process.wait()
            process.stdout.close()

    def all_at_once(self, deed: str, workspace: Path, *words: str) -> list[str]:
        """Let all do it at one moment; returns what each of them was told."""
        moment = time.monotonic() + 0.05
        for process in self._all:
            assert process.stdin is not None
            process.stdin.write(json.dumps([moment, deed, str(workspace), *words]) + "\n")
            process.stdin.flush()
        answers = []
        for process in self._all:
            assert process.stdout is not None
            answers.append(json.loads(process.stdout.readline()))
        return answers


def tally(answers: list[str]) -> Counter[str]:
    """How often each answer was given."""
    return Counter(answers)


def _do(deed: str, root: Path, words: list[str]) -> str:
    from ravetui.engine.create import create_run
    from ravetui.engine.fork import fork_run, plan_fork
    from ravetui.engine.launch import phase, queueing, stop
    from ravetui.engine.launch.start import launch
    from ravetui.runs import retention
    from ravetui.runs.trash import delete_run, restore_run
    from ravetui.runs.workspace import Workspace
    from tests.stand_in import PAUSE, python
    from tests.workspaces import SMALL

    workspace, name = Workspace(root), words[0]
    deeds: dict[str, Any] = {
        "start": lambda: launch(workspace.run(name), python(PAUSE)),
        "stop": lambda: stop.stop_run(workspace.run(name)),
        "stop now": lambda: stop.stop_run(workspace.run(name), now=True),
        "phase": lambda: phase.go_adversarial(workspace.run(name)),
        "phase undo": lambda: phase.stay_in_reconstruction(workspace.run(name)),
        "new": lambda: create_run(workspace, name, "tones", SMALL),
        "fork": lambda: fork_run(workspace, name, plan_fork(workspace.run(words[1]), None, {})),
        "delete": lambda: delete_run(workspace, name),
        "restore": lambda: restore_run(workspace, name),
        "queue": lambda: queueing.enqueue(workspace, workspace.run(name)),
        "unqueue": lambda: queueing.take_out(workspace.run(name)),
        "pin": lambda: retention.pin(workspace.run(name), words[1]),
        "unpin": lambda: retention.unpin(workspace.run(name), words[1]),
    }
    return str(deeds[deed]())


def _obey() -> None:
    from ravetui.errors import RavetuiError

    print("ready", flush=True)
    for line in sys.stdin:
        moment, deed, root, *words = json.loads(line)
        while time.monotonic() < moment:
            time.sleep(0.001)
        try:
            answer = f"done: {_do(deed, Path(root), words)}"
        except RavetuiError as error:
            answer = f"{error.title}: {error}"
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _obey()
