"""The screen over a real SSH connection that is lost: the run that was started there does not notice."""

import os
import signal
import time
from pathlib import Path

import pytest

from ravetui.engine.launch.stop import stop_run, wait_for
from ravetui.runs.history import read_series
from ravetui.runs.state import RunState, run_status
from tests.faults.counts import count, times
from tests.sshd import Sshd, sshd
from tests.terminal import RAVETUI, Terminal
from tests.workspaces import small_run, small_workspace

__all__ = ["sshd"]


@pytest.mark.parametrize("round_", range(times(30, 1)))
def test_a_run_started_over_ssh_outlives_the_connection(tmp_path: Path, sshd: Sshd, round_: int) -> None:
    workspace = small_workspace(tmp_path / "ws")
    run = small_run(workspace, "remote", phase_1="90000 steps", total="100000 steps", validate_every="1000")
    try:
        with Terminal(sshd.command(RAVETUI, "-w", str(workspace.root))) as screen:
            screen.wait_for("created, never started")
            screen.press("s")
            screen.wait_for("remote · training")
            screen.wait_for(lambda _text: len(read_series(run, "loss").step) > 10, 300)
            os.kill(screen.pid, signal.SIGKILL)

        # The server notices the lost client and hangs the screen up; the run must go on well after that.
        before = len(read_series(run, "loss").step)
        deadline = time.monotonic() + 300
        while len(read_series(run, "loss").step) < before + 30:
            assert run_status(run).state is RunState.RUNNING, run_status(run).sentence
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        if run_status(run).state.is_live:
            stop_run(run)
    assert wait_for(run, lambda state: not state.is_live, 60).state is RunState.STOPPED
    log = run.attempt(1).log.read_text()
    assert "Traceback" not in log and "Error" not in log, log
    trained = read_series(run, "loss").step
    assert trained.tolist() == list(range(1, len(trained) + 1)), "no step is missing"
    count("connection of a real sshd killed with the screen in front", 1)
