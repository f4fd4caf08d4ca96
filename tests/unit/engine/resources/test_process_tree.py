"""What a process tree uses, of real processes that use a known amount."""

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ravetui.engine.resources.process_tree import ProcessTree

GROW = """
import mmap, sys, subprocess
child = None
for line in sys.stdin:
    word, number = line.split()
    if word == "hold":
        kept = bytearray(b"x") * int(number)
    elif word == "map":
        audio = open(sys.argv[1], "rb")
        mapped = mmap.mmap(audio.fileno(), 0, access=mmap.ACCESS_READ)
        seen = sum(mapped[::4096])
    elif word == "share":
        shared = mmap.mmap(-1, int(number)); shared.write(b"x" * int(number))
    elif word == "child":
        child = subprocess.Popen([sys.executable, "-c", sys.argv[2], sys.argv[1], ""], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        child.stdin.write(f"hold {number}\\n"); child.stdin.flush(); child.stdout.readline()
    elif word == "burn":
        import time
        while time.process_time() < float(number): pass
    elif word == "write":
        import os
        with open(sys.argv[1] + ".out", "wb") as file:
            file.write(b"x" * int(number)); file.flush(); os.fsync(file.fileno())
    print("done", flush=True)
"""


@contextmanager
def process(path: Path) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-c", GROW, str(path), GROW], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        yield started
        assert started.stdin is not None
        started.stdin.close()


def tell(started: "subprocess.Popen[str]", line: str) -> None:
    assert started.stdin is not None and started.stdout is not None
    started.stdin.write(line + "\n")
    started.stdin.flush()
    assert started.stdout.readline() == "done\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "audio"
    path.write_bytes(b"x" * 30_000_000)
    return path


def test_memory_is_what_only_they_hold(file: Path) -> None:
    with process(file) as started:
        tell(started, "hold 1")
        before = ProcessTree(started.pid).look().memory
        tell(started, "hold 50000000")
        held = ProcessTree(started.pid).look().memory - before
        assert 50e6 <= held < 55e6
        tell(started, "map 0")
        assert ProcessTree(started.pid).look().memory - before < 56e6, "a mapped file is the kernel's to take back"
        tell(started, "child 20000000")
        assert 70e6 <= ProcessTree(started.pid).look().memory - before < 90e6
        tell(started, "share 40000000")
        assert 110e6 <= ProcessTree(started.pid).look().memory - before < 130e6


def test_time_and_traffic_are_those_since_the_look_before(file: Path) -> None:
    with process(file) as started:
        tell(started, "hold 1")
        tree = ProcessTree(started.pid)
        assert math.isnan(tree.look().cpu_seconds)
        tell(started, "burn 0.5")
        assert 0.2 <= tree.look().cpu_seconds < 0.7
        assert tree.look().cpu_seconds < 0.1
        tell(started, "write 5000000")
        found = tree.look()
        assert math.isnan(found.written) or found.written >= 5e6 or not Path("/proc/self/io").exists()


def test_a_process_that_has_gone_uses_nothing(file: Path) -> None:
    with process(file) as started:
        tree = ProcessTree(started.pid)
        tree.look()
    assert math.isnan(tree.look().memory)


def test_another_process_of_the_same_pid_is_counted_from_its_start(tmp_path: Path) -> None:
    def write(ticks: int, start: int) -> None:
        folder = tmp_path / "7"
        (folder / "task").mkdir(parents=True, exist_ok=True)
        (folder / "stat").write_text(f"7 (a) b) S {' '.join(['0'] * 10)} {ticks} 0 {' '.join(['0'] * 6)} {start} 0\n")
        (folder / "status").write_text("RssAnon:\t 10 kB\nRssShmem:\t 2 kB\nVmSwap:\t 3 kB\n")

    write(1000, 5)
    tree, second = ProcessTree(7, tmp_path), os.sysconf("SC_CLK_TCK")
    assert tree.look().memory == 15 * 1024
    write(1000 + second, 5)
    assert tree.look().cpu_seconds == 1.0
    write(2 * second, 9)
    assert tree.look().cpu_seconds == 2.0
