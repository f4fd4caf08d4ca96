"""`ravetui run phase` and a trainer that is a process of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from ravetui.engine.launch.start import start_run
from ravetui.engine.launch.stop import stop_run, wait_for
from ravetui.runs import control
from ravetui.runs.events import read_events
from ravetui.runs.record import read_proc
from ravetui.runs.summary import summarise
from tests.workspaces import small_run, small_workspace

RAVETUI = Path(sys.executable).with_name("ravetui")


def test_a_running_trainer_switches_at_the_next_step_unless_it_is_undone(tmp_path: Path) -> None:
    workspace = small_workspace(tmp_path)
    run = small_run(workspace, "graz", phase_1="100000 steps", total="200000 steps", validate_every="100000")
    start_run(run)
    try:
        wait_for(run, lambda _state: summarise(run).progress.step >= 3, 60)
        proc = read_proc(run.attempt(1))
        assert proc is not None

        os.kill(proc.pid, signal.SIGSTOP)  # or it would obey before it could be undone
        ravetui(tmp_path, "phase", "graz")
        assert control.pending(run) == {"phase"}
        ravetui(tmp_path, "phase", "graz", "--undo")
        before = summarise(run).progress.step
        os.kill(proc.pid, signal.SIGCONT)
        wait_for(run, lambda _state: summarise(run).progress.step >= before + 5, 60)
        assert summarise(run).progress.phase == 1

        os.kill(proc.pid, signal.SIGSTOP)
        ravetui(tmp_path, "phase", "graz")
        asked_at = summarise(run).progress.step
        os.kill(proc.pid, signal.SIGCONT)
        wait_for(run, lambda _state: summarise(run).progress.phase == 2, 60)
        (event,) = [event.fields for event in read_events(run.events) if event.kind == "phase"]
        assert event["step"] in (asked_at, asked_at + 1), "the step it was in, if it was in one"
        assert event["reason"] == "asked for"
        refused = subprocess.run([RAVETUI, "-w", tmp_path, "run", "phase", "graz", "--undo"], check=False, timeout=60)
        assert refused.returncode == 1
    finally:
        stop_run(run, now=True)


def ravetui(root: Path, *words: str) -> None:
    subprocess.run([RAVETUI, "-w", root, "run", *words], check=True, timeout=60, stdout=subprocess.DEVNULL)
