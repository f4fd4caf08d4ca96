"""What a machine has left, as its kernel says it."""

import math
from pathlib import Path

import pytest

from ravetui.engine.resources.host import FolderSize, cores, disk_free, memory

MEMINFO = "MemTotal:       64000 kB\nMemFree:         1000 kB\nMemAvailable:   40000 kB\n"


def machine(tmp_path: Path, cgroup: str, files: dict[str, str]) -> tuple[Path, Path]:
    proc, groups = tmp_path / "proc", tmp_path / "cgroup"
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text(MEMINFO)
    (proc / "self" / "cgroup").write_text(cgroup)
    for name, text in files.items():
        path = groups / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return proc, groups


SECOND = {"memory.max": "20480000\n", "memory.current": "15360000\n", "memory.stat": "anon 1\ninactive_file 1024000\n"}
FIRST = {
    "memory.limit_in_bytes": "20480000\n",
    "memory.usage_in_bytes": "15360000\n",
    "memory.stat": "cache 9\ntotal_inactive_file 1024000\n",
}
NONE = {"memory.limit_in_bytes": "9223372036854771712\n", "memory.usage_in_bytes": "1\n"}


def under(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": text for name, text in files.items()}


@pytest.mark.parametrize(
    ("cgroup", "files", "free", "total"),
    [
        ("0::/job\n", {}, 40_960_000, 65_536_000),
        ("0::/job/step\n", under("job", SECOND) | under("job/step", {"memory.max": "max\n"}), 6_144_000, 20_480_000),
        ("0::/hidden\n", SECOND, 6_144_000, 20_480_000),
        ("0::/../x\n", SECOND, 6_144_000, 20_480_000),
        ("4:memory:/job\n0::/\n", under("memory/job", FIRST), 6_144_000, 20_480_000),
        ("4:memory:/job\n", under("memory/job", NONE), 40_960_000, 65_536_000),
    ],
)
def test_memory_is_that_of_the_narrowest_group(
    tmp_path: Path, cgroup: str, files: dict[str, str], free: float, total: float
) -> None:
    found = memory(*machine(tmp_path, cgroup, files))
    assert (found.free, found.total) == (free, total)


@pytest.mark.parametrize(
    ("cgroup", "files"),
    [
        ("0::/job\n", {"job/cpu.max": "150000 100000\n"}),
        ("1:cpu,cpuacct:/\n", {"cpu/cpu.cfs_quota_us": "75000\n", "cpu/cpu.cfs_period_us": "50000\n"}),
    ],
)
def test_cores_are_those_of_the_quota(tmp_path: Path, cgroup: str, files: dict[str, str]) -> None:
    assert cores(*machine(tmp_path, cgroup, files)) == 1.5 or cores() < 1.5
    assert cores(*machine(tmp_path / "free", "0::/job\n", {"job/cpu.max": "max 100000\n"})) >= 1


def test_where_no_kernel_tells_nothing_is_known(tmp_path: Path) -> None:
    found = memory(tmp_path, tmp_path)
    assert math.isnan(found.free) and math.isnan(found.total)
    assert math.isnan(disk_free(tmp_path / "gone"))


def test_this_machine_tells() -> None:
    found = memory()
    assert 0 < found.free <= found.total
    assert disk_free(Path.home()) > 0


def test_a_folder_is_as_large_as_its_files_and_is_not_walked_at_every_look(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "file").write_bytes(b"x" * 100_000)
    size = FolderSize(tmp_path)
    found = size.look()
    assert 100_000 <= found < 200_000
    (tmp_path / "more").write_bytes(b"x" * 500_000)
    assert size.look() == found
    assert FolderSize(tmp_path).look() >= found + 500_000
