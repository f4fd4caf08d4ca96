"""Turns between real processes: one at a time, in order, whoever dies."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread

from ravetui.runs.turn import turn

HOLDS = """
import sys, time
from pathlib import Path
from ravetui.runs.turn import turn
folder, name = Path(sys.argv[1]), sys.argv[2]
with turn(folder, name, lambda other: print("waits for", other, flush=True)):
    print("has it", flush=True)
    sys.stdin.readline()
"""


def another(folder: Path, name: str) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-c", HOLDS, str(folder), name]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def let_go(process: "subprocess.Popen[str]") -> None:
    process.communicate("\n", timeout=30)


def test_they_come_in_the_order_in_which_they_asked(tmp_path: Path) -> None:
    first = another(tmp_path, "first")
    assert said(first) == "has it"
    second = another(tmp_path, "second")
    assert said(second) == "waits for first"
    third = another(tmp_path, "third")
    assert said(third) == "waits for first"
    let_go(first)
    assert said(second) == "has it"
    assert said(third) == "waits for second"
    let_go(second)
    assert said(third) == "has it"
    let_go(third)
    assert not list(tmp_path.glob("*.ticket"))


def test_whoever_was_killed_is_not_waited_for(tmp_path: Path) -> None:
    first = another(tmp_path, "first")
    assert said(first) == "has it"
    second = another(tmp_path, "second")
    assert said(second) == "waits for first"
    third = another(tmp_path, "third")
    assert said(third) == "waits for first"
    for process in (second, first):
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    assert said(third) == "has it"
    let_go(third)
    assert not list(tmp_path.glob("*.ticket"))


def test_threads_of_one_process_wait_for_each_other_too(tmp_path: Path) -> None:
    inside, most = [0], [0]
    go = Event()

    def work(number: int) -> None:
        go.wait()
        with turn(tmp_path, str(number), lambda _name: None):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.01)
            inside[0] -= 1

    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(60)
    assert most == [1]
