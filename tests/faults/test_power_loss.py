"""A power cut at any moment of publishing a checkpoint, with everything lost that nobody synced: one always loads.

What publishing does to the filesystem is recorded. Then it is replayed up to some moment as a filesystem may have kept
it: an entry of a folder that was not synced since may be lost or kept, whatever came before or after it, and a file
that was never synced holds nothing, zeros or a part.
"""

import base64
import json
import random
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from ravetui.runs.checkpoints import newest_good
from ravetui.runs.folder import RunFolder
from ravetui.runs.publishing import clear_unpublished
from tests.faults.counts import count, times
from tests.stand_in import python

RECORDER = """
import base64, json, os, sys
from pathlib import Path
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.folder import RunFolder
from ravetui.runs.publishing import publish
from ravetui.runs.retention import prune

run, step = RunFolder(Path(sys.argv[1])), int(sys.argv[2])
done, recording = [], False

def path_of(path, folder=-1):
    path = os.fsdecode(path)
    return path if folder in (-1, None) else os.path.join(os.readlink(f"/proc/self/fd/{folder}"), path)

def watch(event, arguments):
    if not recording:
        return
    if event == "open" and isinstance(arguments[0], str) and arguments[2] & os.O_CREAT:
        done.append(["create", arguments[0]])
    elif event == "os.mkdir":
        done.append(["mkdir", path_of(arguments[0], arguments[2])])
    elif event == "os.rename":
        done.append(["rename", path_of(arguments[0], arguments[2]), path_of(arguments[1], arguments[3])])
    elif event in ("os.remove", "os.rmdir"):
        done.append(["remove", path_of(*arguments)])

def sync(handle, real=os.fsync):
    real(handle)
    path = os.readlink(f"/proc/self/fd/{handle}")
    content = None if os.path.isdir(path) else base64.b64encode(Path(path).read_bytes()).decode()
    done.append(["sync", path, content])

def save(step, mark):
    def write(path):
        path.write_bytes(mark * 1000)
    writers = {"model": write, "optimizer": write}
    publish(run, step, writers, phase=1, attempt=1, validation=None, trainer={"mark": mark.decode()})

save(100, b"a")
save(200, b"b")
os.rename(run.checkpoints, f"{run.checkpoints}-before")
import shutil
shutil.copytree(f"{run.checkpoints}-before", run.checkpoints)
os.fsync = sync
sys.addaudithook(watch)
recording = True
save(step, b"c")
for old in list_checkpoints(run)[2:]:
    prune(old)
recording = False
print(json.dumps(done))
"""


@dataclass
class Disk:
    """Names and what lies under them, as a power cut may leave them."""

    entries: dict[str, bytes | None]
    """Path to content; None: a folder."""

    def do(self, deed: list[Any], content: bytes) -> None:
        """One change of names; what cannot be, because another one was lost, is lost as well."""
        kind, path = deed[0], deed[1]
        if kind in ("create", "mkdir"):
            if str(PurePosixPath(path).parent) in self.entries and path not in self.entries:
                self.entries[path] = content if kind == "create" else None
        elif kind == "remove":
            if not any(name.startswith(f"{path}/") for name in self.entries):
                self.entries.pop(path, None)
        elif kind == "rename" and path in self.entries:
            target = deed[2]
            if self.entries[path] is None and any(name.startswith(f"{target}/") for name in self.entries):
                return
            for name in [name for name in self.entries if name == path or name.startswith(f"{path}/")]:
                self.entries[target + name.removeprefix(path)] = self.entries.pop(name)


def after_power_cut(before: dict[str, bytes | None], deeds: list[list[Any]], chance: random.Random) -> Disk:
    """The disk after these deeds, of which those that nobody synced may be lost."""
    disk = Disk(dict(before))
    synced = {deed[1]: number for number, deed in enumerate(deeds) if deed[0] == "sync"}
    contents = _contents(deeds)
    for number, deed in enumerate(deeds):
        if deed[0] == "sync":
            continue
        folders = {str(PurePosixPath(path).parent) for path in deed[1:]}
        safe = all(synced.get(folder, -1) > number for folder in folders)
        if safe or chance.random() < 0.5:
            lost = chance.choice([b"", bytes(50), b"c" * 37])
            disk.do(deed, contents.get(number, lost))
    return disk


def _contents(deeds: list[list[Any]]) -> dict[int, bytes]:
    """Number of the deed that made a file to what was synced of it."""
    found: dict[int, bytes] = {}
    made: dict[str, int] = {}
    for number, deed in enumerate(deeds):
        if deed[0] == "create":
            made.setdefault(deed[1], number)
        elif deed[0] == "sync" and deed[2] is not None and deed[1] in made:
            found[made[deed[1]]] = base64.b64decode(deed[2])
    return found


@pytest.mark.parametrize("step", [200, 300], ids=["the same step anew", "a new step, and an old one goes"])
def test_whatever_was_not_synced_is_lost_and_one_still_loads(tmp_path: Path, step: int) -> None:
    root = tmp_path / "run"
    root.mkdir()
    done = subprocess.run(python(RECORDER, root, step), capture_output=True, text=True, check=True)
    deeds = json.loads(done.stdout)
    kinds = [deed[0] for deed in deeds]
    assert kinds.count("rename") >= 2
    assert kinds.count("sync") >= 6, "two files, the manifest, both folders, latest.json"
    kept = f"{root}/checkpoints-before"
    before: dict[str, bytes | None] = {str(root): None}
    for path in [Path(kept), *Path(kept).rglob("*")]:
        name = str(path).replace(kept, f"{root}/checkpoints")
        before[name] = path.read_bytes() if path.is_file() else None

    tries, marks = times(250, 30), []
    for number in range(tries):
        chance = random.Random(number)
        moment = number * (len(deeds) + 1) // tries
        disk = after_power_cut(before, deeds[:moment], chance)
        run = RunFolder(tmp_path / "cut")
        for name in sorted(disk.entries):
            path, content = run.path / Path(name).relative_to(root), disk.entries[name]
            path.mkdir(parents=True) if content is None else path.write_bytes(content)
        clear_unpublished(run)
        found = newest_good(run, lambda _checkpoint, _error: None)
        assert found is not None, (moment, deeds[:moment])
        mark = found.trainer["mark"]
        assert (found.step, mark) in ((200, "b"), (step, "c"))
        assert all((found.path / name).read_bytes() == mark.encode() * 1000 for name in found.files)
        assert not list(run.checkpoints.glob(".*")), "nothing half-made"
        marks.append(mark)
        shutil.rmtree(run.path)
    published = max(number for number, deed in enumerate(deeds) if deed[:2] == ["sync", f"{root}/checkpoints"])
    late = [mark for number, mark in enumerate(marks) if number * (len(deeds) + 1) // tries > published]
    assert set(late) == {"c"}, "what was said to be saved is there"
    assert "b" in marks
    count("every legal prefix of the recorded write/fsync/rename sequence (power loss)", tries)
