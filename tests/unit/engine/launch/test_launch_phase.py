from collections.abc import Iterator
from pathlib import Path

import pytest

from ravetui.engine.launch.phase import go_adversarial, stay_in_reconstruction
from ravetui.errors import RunError
from ravetui.runs import control
from tests.run_maker import MadeRun, workspace_in


@pytest.fixture
def made(tmp_path: Path) -> Iterator[MadeRun]:
    run = MadeRun(workspace_in(tmp_path / "ws", dataset=False), "graz")
    yield run
    run.release()


def test_the_request_waits_for_the_trainer_and_can_be_taken_back(made: MadeRun) -> None:
    made.begin(live=True).train(20)
    assert go_adversarial(made.folder) == "graz goes adversarial after the present step."
    assert control.pending(made.folder) == {"phase"}
    assert stay_in_reconstruction(made.folder) == "graz stays in phase 1 until step 1 000."
    assert control.pending(made.folder) == frozenset()
    with pytest.raises(RunError, match="No request to go adversarial is waiting for graz"):
        stay_in_reconstruction(made.folder)


def test_a_run_that_does_not_train_takes_it_up_later(made: MadeRun) -> None:
    assert "as soon as it is started" in go_adversarial(made.folder)
    assert control.pending(made.folder) == {"phase"}


def test_phase_2_is_not_begun_twice(made: MadeRun) -> None:
    made.begin(live=True).train(20).go_adversarial()
    for deed in (go_adversarial, stay_in_reconstruction):
        with pytest.raises(RunError, match="graz is in the adversarial phase since step 20"):
            deed(made.folder)
    assert control.pending(made.folder) == frozenset()


def test_a_finished_run_has_no_phase_to_come(made: MadeRun) -> None:
    made.begin().train(20)
    made.end("finished", "finished at step 20")
    with pytest.raises(RunError, match="graz is finished at step 20"):
        go_adversarial(made.folder)
