from pathlib import Path

import pytest

from ravetui.runs import control
from ravetui.runs.folder import RunFolder


def test_requests_wait_until_they_are_obeyed_or_taken_back(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    assert control.pending(run) == frozenset()
    for name in ("stop", "phase", "stop"):
        control.request(run, name)
    assert control.pending(run) == {"stop", "phase"}
    assert control.withdraw(run, "stop")
    assert control.pending(run) == {"phase"}


def test_of_obeying_and_taking_back_only_one_succeeds(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    control.request(run, "phase")
    assert [control.withdraw(run, "phase"), control.withdraw(run, "phase")] == [True, False]


def test_other_files_are_no_requests(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.control.mkdir()
    for name in ("stop~", ".stop.tmp", "README", "STOP"):
        (run.control / name).touch()
    assert control.pending(run) == frozenset()
    with pytest.raises(ValueError, match="explode"):
        control.request(run, "explode")
