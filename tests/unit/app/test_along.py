"""Steps, epochs and hours along the bottom."""

import numpy as np

from ravetui.app.along import ALONG
from ravetui.runs.history import Series
from ravetui.runs.progress import Progress, Transition

STEP, EPOCH, HOURS = ALONG


def series(times: list[float], first: int = 1) -> Series:
    step = np.arange(first, first + len(times), dtype=np.int64)
    return Series("loss", step, np.array(times), np.ones(len(times)))


def progress(*, phase_2: int | None = None) -> Progress:
    return Progress(
        step=4,
        total_steps=40,
        phase=1 if phase_2 is None else 2,
        phase_end_step=20 if phase_2 is None else 40,
        epoch=2.0,
        steps_per_epoch=2,
        seconds_per_step=None,
        phase_eta_s=None,
        eta_s=None,
        transitions=() if phase_2 is None else (Transition(2, phase_2),),
    )


def test_epochs_are_steps_of_the_dataset() -> None:
    one = series([0.0, 1.0, 2.0])
    assert np.asarray(EPOCH.places([one], progress())(one)).tolist() == [0.5, 1.0, 1.5]
    assert [line.x for line in EPOCH.phases([one], progress())] == [10.0]


def test_hours_begin_with_the_first_point_of_the_chart_and_never_go_back() -> None:
    train, validation = series([7200.0, 10800.0, 9000.0, 14400.0]), series([10800.0], first=2)
    places = HOURS.places([train, validation], progress())
    assert np.asarray(places(train)).tolist() == [0.0, 1.0, 1.0, 2.0]
    assert np.asarray(places(validation)).tolist() == [1.0]


def test_a_phase_that_has_begun_stands_at_its_hour_and_a_coming_one_nowhere() -> None:
    train = series([0.0, 3600.0, 7200.0, 10800.0])
    assert [line.x for line in HOURS.phases([train], progress(phase_2=3))] == [2.0]
    assert HOURS.phases([train], progress()) == []
    assert [line.x for line in STEP.phases([train], progress())] == [20.0]


def test_nothing_written_yet_is_no_fault() -> None:
    empty = series([])
    for along in ALONG:
        assert along.places([empty], progress())(empty).size == 0
        along.phases([empty], progress())
