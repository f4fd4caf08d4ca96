from pathlib import Path

import pytest

from ravetui.engine.launch.memory import LIMIT, MACHINE, killed_since, oom_kills

EVENTS = "low 0\nhigh 3\nmax 12\noom 2\noom_kill {}\noom_group_kill 0\n"
CONTROL = "oom_kill_disable 0\nunder_oom 0\noom_kill {}\n"


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / "proc" / "self").mkdir(parents=True)
    return tmp_path / "proc"


@pytest.mark.parametrize(
    ("cgroup", "file", "text"),
    [
        ("0::/user.slice/a b.scope\n", "user.slice/a b.scope/memory.events", EVENTS),
        ("0::/\n", "memory.events", EVENTS),
        ("0::/../outside\n", "memory.events", EVENTS),
        ("9:cpu:/x\n4:memory:/job/1\n0::/\n", "memory/job/1/memory.oom_control", CONTROL),
        ("4:memory:/hidden\n", "memory/memory.oom_control", CONTROL),
        ("0::/x\n", "unified/x/memory.events", EVENTS),
    ],
)
def test_the_counter_of_our_group(proc: Path, tmp_path: Path, cgroup: str, file: str, text: str) -> None:
    (proc / "self" / "cgroup").write_text(cgroup)
    counter = tmp_path / "cgroup" / file
    counter.parent.mkdir(parents=True)
    counter.write_text(text.format(7))
    before = oom_kills(proc, tmp_path / "cgroup")
    assert before == {LIMIT: 7}
    counter.write_text(text.format(8))
    assert killed_since(before, oom_kills(proc, tmp_path / "cgroup")) == LIMIT


def test_the_counter_of_the_machine(proc: Path, tmp_path: Path) -> None:
    (proc / "vmstat").write_text("nr_free_pages 1\noom_kill 3\npgfault 9\n")
    before = oom_kills(proc, tmp_path)
    assert killed_since(before, before) == ""
    assert killed_since(before, {MACHINE: 4}) == MACHINE
    assert killed_since({}, {MACHINE: 4}) == "", "a counter that was not there before tells nothing"


def test_a_kernel_that_tells_nothing(proc: Path, tmp_path: Path) -> None:
    (proc / "self" / "cgroup").write_text("0::/\n")
    assert oom_kills(proc, tmp_path) == {}
    assert killed_since({}, {}) is None


def test_this_machine_counts() -> None:
    assert MACHINE in oom_kills()
