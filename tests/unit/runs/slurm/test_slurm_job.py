"""What SLURM prints, of several versions, as jobs."""

import pwd

from hypothesis import given
from hypothesis import strategies as st

from ravetui.runs.slurm.job import SEPARATOR, SlurmJob, parse_sacct, parse_squeue


def line(*fields: str) -> str:
    return SEPARATOR.join(fields)


def test_a_waiting_job_has_a_reason_and_an_estimate() -> None:
    text = line("12", "graz.1a2b", "PENDING", "Resources", "1795515504", "NONE", "1:00:00", "", "gpu")
    assert parse_squeue(text) == [
        SlurmJob(12, "graz.1a2b", "PENDING", "Resources", 1795515504.0, None, "", "gpu"),
    ]
    (job,) = parse_squeue(text)
    assert job.waits
    assert job.left(0.0) is None


def test_a_start_that_slurm_cannot_tell_is_none() -> None:
    for word in ("N/A", "NONE", "Unknown", "0", ""):
        text = line("12", "graz", "PENDING", "Priority", word, word, "UNLIMITED", "", "gpu")
        assert [(job.starts, job.ends) for job in parse_squeue(text)] == [(None, None)]


def test_the_time_left_is_that_of_a_limit() -> None:
    limited = line("12", "graz", "RUNNING", "None", "1000", "4600", "1:00:00", "n7", "gpu")
    (job,) = parse_squeue(limited)
    assert (job.reason, job.nodes, job.left(1600.0), job.left(9999.0)) == ("", "n7", 3000.0, 0.0)
    # Without a limit squeue tells of an end a year away.
    (job,) = parse_squeue(limited.replace("1:00:00", "UNLIMITED"))
    assert job.left(1600.0) is None
    assert job.as_dict()["limit_s"] is None


def test_an_ended_job_is_over_and_one_in_a_state_of_tomorrow_is_neither() -> None:
    for state, waits, over in (
        ("COMPLETED", False, True),
        ("CANCELLED", False, True),
        ("REQUEUE_HOLD", True, False),
        ("COMPLETING", False, False),
        ("EXPEDITING", False, False),
    ):
        (job,) = parse_squeue(line("12", "graz", state, "None", "1", "2", "1:00", "", "gpu"))
        assert (job.waits, job.is_over) == (waits, over)


@given(st.text())
def test_whatever_else_is_printed_is_no_job(text: str) -> None:
    good = line("12", "graz", "RUNNING", "None", "1", "2", "1:00", "n7", "gpu")
    noise = text.replace(SEPARATOR, "")
    assert [job.id for job in parse_squeue(f"{noise}\n{good}\nslurm_load_jobs error\n{good[:-8]}\n")] == [12]


def test_accounting_tells_who_cancelled_it() -> None:
    me = pwd.getpwuid(0)
    text = "\n".join(
        [
            line("12", "graz.1a2b", "CANCELLED by 0", "1795515504"),
            line("12.batch", "batch", "CANCELLED", "1795515504"),
            line("13", "piano.77", "CANCELLED by 987654", "Unknown"),
            line("14", "bells.9", "OUT_OF_MEMORY", "1795515504"),
        ]
    )
    found = parse_sacct(text)
    assert [(job.id, job.state, job.by) for job in found] == [
        (12, "CANCELLED", me.pw_name),
        (13, "CANCELLED", "987654"),
        (14, "OUT_OF_MEMORY", ""),
    ]
    assert [job.ends for job in found] == [1795515504.0, None, 1795515504.0]
