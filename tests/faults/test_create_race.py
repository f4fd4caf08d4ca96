"""Two people who make the same run at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ravetui.engine.create import create_run
from ravetui.errors import RunError
from ravetui.runs.spec import read_spec
from tests.run_maker import workspace_in


def test_of_many_that_make_the_same_run_one_does_and_the_others_are_told(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path / "ws")
    gate = threading.Barrier(8)

    def create(number: int) -> str:
        gate.wait()
        try:
            return read_spec(create_run(workspace, "graz", "graz", {"seed": str(number)}).spec_path).id
        except RunError as error:
            return error.title

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(create, range(8)))
    made = [answer for answer in answers if answer != "Run exists"]
    assert made == [read_spec(workspace.run("graz").spec_path).id]
    assert [path.name for path in workspace.runs.iterdir()] == ["graz"], "nothing half-made stays"
