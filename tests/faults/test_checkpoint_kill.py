"""A trainer that dies at any moment of saving: there is always a newest good checkpoint, whole."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.faults.counts import count, times
from tests.stand_in import python

SCRIPT = """
import json, os, shutil, sys
from pathlib import Path
from ravetui.runs.checkpoints import newest_good
from ravetui.runs.folder import RunFolder
from ravetui.runs.publishing import clear_unpublished, publish

root, saved, files = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3].split(",")
budget = None

def die_at_the_end_of_the_budget(event, arguments):
    global budget
    if budget is not None and (event == "open" or event.startswith(("os.", "shutil."))):
        budget -= 1
        if budget < 0:
            os._exit(9)

sys.addaudithook(die_at_the_end_of_the_budget)

def save(run, step, mark):
    def write(path):
        path.write_bytes(mark * 1000)

    writers = dict.fromkeys(files, write)
    publish(run, step, writers, phase=1, attempt=1, validation=None, trainer={"mark": mark.decode()})

found = []
for count in range(1000):
    run = RunFolder(root / str(count))
    run.path.mkdir()
    save(run, 100, b"a")
    save(run, 200, b"b")
    child = os.fork()
    if child == 0:
        budget = count
        save(run, saved, b"c")
        budget = None
        os._exit(0)
    survived = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    clear_unpublished(run)
    rejected = []
    newest = newest_good(run, lambda checkpoint, error: rejected.append(checkpoint.step))
    mark = newest.trainer["mark"]
    whole = all((newest.path / name).read_bytes() == mark.encode() * 1000 for name in files)
    names = sorted(path.name for path in run.checkpoints.iterdir())
    found.append([newest.step, mark, whole, rejected, names])
    shutil.rmtree(run.path)
    if survived:
        break
print(json.dumps(found))
"""


@pytest.mark.parametrize("saved", [200, 300])
def test_a_kill_at_any_moment_of_a_save_loses_no_checkpoint(tmp_path: Path, saved: int) -> None:
    names = [f"file-{number}" for number in range(times(12, 2))]
    done = subprocess.run(python(SCRIPT, tmp_path, saved, ",".join(names)), capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert len(found) > 15, "there are as many moments"
    for step, mark, whole, rejected, names in found:
        assert (step, mark) in ((200, "b"), (saved, "c"))
        assert whole
        assert rejected == []
        expected = ["latest.json", "step-000000100", "step-000000200"]
        assert names in (expected, [*expected, "step-000000300"]), "nothing half-made stays"
    marks = [mark for _, mark, *_ in found]
    assert marks == sorted(marks), "first the old one, from some moment on the new one"
    assert found[-1][1] == "c"
    count("stop in the middle of every step of the checkpoint protocol", len(found))
