"""A measurement of steps, made by a process of its own, as whoever waits for it sees it. Free of torch."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable

from ravetui.engine.launch.installed import require_engine
from ravetui.errors import RunError
from ravetui.runs.timing import Timing, timing_of
from ravetui.runs.workspace import Workspace

_PATIENCE = 5.0
"""A process that has said all has so long to end, seconds."""


class Measurement:
    """A few real steps of both phases, timed by a process that begins at once.

    Args:
        data: Name of a prepared dataset.
        changes: See :func:`ravetui.engine.plan.make_plan`.

    Raises:
        RunError: The light install cannot train.
    """

    def __init__(self, workspace: Workspace, data: str, changes: dict[str, str]) -> None:
        require_engine()
        self._cancelled = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ravetui.engine.measuring", str(workspace.root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps({"data": data, "changes": changes}) + "\n")
            self._process.stdin.flush()

    def cancel(self) -> None:
        """End it at once; any thread may call it."""
        self._cancelled = True
        self._process.kill()

    def wait(self, tell: Callable[[float, str], None]) -> Timing | None:
        """Wait until it is done; None when it was cancelled.

        Args:
            tell: Hears how far it is, 0 to 1, and what it does.

        Raises:
            RunError: It failed; the reason in a sentence.
        """
        with self._process as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    said = json.loads(line)
                    if "error" in said:
                        raise RunError("Not measured", said["error"])
                    if "timing" in said:
                        return timing_of(said["timing"])
                    tell(said["fraction"], said["note"])
                code = process.wait(_PATIENCE)
            finally:
                process.kill()
        if self._cancelled:
            return None
        raise RunError("Not measured", f"The process that timed the steps ended with {code} before it was done.")
