import time

import pytest

from ravetui.app import words
from ravetui.runs.epochs import EpochTimes
from ravetui.runs.eta import Eta
from ravetui.runs.progress import Progress, Transition
from ravetui.runs.state import RunState, Status

NOW = time.mktime((2026, 11, 23, 14, 2, 0, 0, 0, -1))


def made(**changes: object) -> Progress:
    values: dict[str, object] = {
        "step": 1200,
        "total_steps": 4000,
        "phase": 1,
        "phase_end_step": 2000,
        "epoch": 12.0,
        "steps_per_epoch": 100,
        "seconds_per_step": 2.92,
        "phase_eta_s": 10920.0,
        "eta_s": None,
        "transitions": (),
    }
    return Progress(**{**values, **changes})  # type: ignore[arg-type]


def test_a_time_is_said_as_shortly_as_it_is_unmistakable() -> None:
    assert words.clock_time(NOW + 60, NOW) == "14:03"
    assert words.clock_time(NOW + 13.1 * 3600, NOW) == "Tue 03:08"
    assert words.clock_time(NOW + 30 * 86400, NOW) == "23 Dec 14:02"


def test_the_end_of_a_phase_is_said_in_words_and_as_a_time() -> None:
    assert words.phase_eta(made(), NOW) == ("phase 2 in", "3 h 02 min", "17:04")
    assert words.phase_eta(made(phase=2, phase_end_step=4000), NOW)[0] == "end in"


def test_an_end_is_said_with_its_margin_and_whether_it_is_an_estimate() -> None:
    phase = made(phase_eta=Eta(10920.0, 9800.0, 12200.0))
    assert words.phase_eta(phase, NOW) == ("phase 2 in", "3 h 02 min", "17:04 ± 20 min")
    end = made(eta_s=273600.0, eta=Eta(273600.0, 263000.0, 284600.0), estimated_from="measured")
    assert words.run_eta(end, NOW) == ("end in", "3 d 4 h", "Thu 18:02 ± 3 h, estimated")
    assert words.estimate_source(end) == "phase 2 by a few steps at the start"
    assert words.estimate_source(made(estimated_from="graz-001")) == "phase 2 as in graz-001"


def test_how_epochs_differ_is_said_where_they_do() -> None:
    few, same = EpochTimes(3, 60.0, 40.0, 90.0, 99.0, 2, ""), EpochTimes(9, 60.0, 59.0, 61.0, 62.0, 2, "")
    assert [words.usual_epoch(made(epoch_times=times)) for times in (None, few, same)] == ["", "", ""]
    assert words.usual_epoch(made(epoch_times=EpochTimes(9, 60.0, 55.0, 70.0, 99.0, 2, ""))) == (
        "usually 55 s to 1 min 10 s"
    )


def test_an_end_that_has_come_is_not_in_0_seconds() -> None:
    over = made(step=4000, phase=2, phase_end_step=4000, phase_eta_s=0.0, eta_s=0.0)
    assert words.phase_eta(over, NOW) == ("end", "now: its last step is made", "")


def test_what_cannot_be_known_is_said_to_be_unknown_and_why() -> None:
    assert words.run_eta(made(), NOW) == ("end", "unknown until phase 2 has been timed", "")
    unknown = made(seconds_per_step=None, phase_eta_s=None)
    assert words.phase_eta(unknown, NOW) == ("phase 2", "unknown until a few steps have been timed", "")
    assert words.epoch_time(unknown) == "time per epoch not measured yet"


def test_an_epoch_has_a_length() -> None:
    assert words.epoch_time(made()) == "4 min 52 s an epoch"
    assert words.epoch_time(made(data_share=0.04)) == "4 min 52 s an epoch"
    assert words.epoch_time(made(data_share=0.124)) == "4 min 52 s an epoch, 12 % waiting for data"


def test_the_share_of_a_phase_counts_from_where_it_began() -> None:
    assert words.phase_fraction(made()) == pytest.approx(0.6)
    late = made(step=3000, phase=2, phase_end_step=4000, transitions=(Transition(2, 2000),))
    assert words.phase_fraction(late) == pytest.approx(0.5)
    assert words.percent(0.999) == "99 %"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "–"), (12.2, "12 s"), (240, "4 min"), (3 * 3600, "3 h"), (30 * 3600, "30 h"), (4.2 * 86400, "4 d")],
)
def test_a_duration_fits_a_narrow_column(seconds: float | None, said: str) -> None:
    assert words.short_duration(seconds) == said


def test_every_state_has_a_sign_of_its_own() -> None:
    signs = [words.GLYPHS[state][0] for state in RunState] + [words.NEW_GLYPH[0], words.DAMAGED_GLYPH[0]]
    assert len(set(signs)) == len(signs)


def test_a_run_that_never_ran_has_not_been_stopped() -> None:
    assert words.glyph_of(Status(RunState.STOPPED, "created, never started", 0, None, None)) == words.NEW_GLYPH
    assert words.glyph_of(Status(RunState.STOPPED, "asked", 1, None, None)) != words.NEW_GLYPH
