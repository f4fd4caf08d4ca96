"""Submissions: one a number, whoever comes first."""

import dataclasses
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ravetui.runs.folder import RunFolder
from ravetui.runs.process import identify_child
from ravetui.runs.slurm.submission import (
    SUBMIT_SECONDS,
    Submission,
    abandon,
    allowed_again,
    claim,
    confirm,
    forbid,
    is_forbidden,
    log_path,
    newest_log,
    newest_submission,
    withdraw,
)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path)


def submission(number: int = 1, key: str = "a1", base: int = 0) -> Submission:
    me = identify_child(os.getpid())
    who = ("0", os.uname().nodename, me.pid, me.boot_id, me.start_ticks)
    return Submission(number, key, f"graz.{key}", "cluster", *who, time.time(), base)


def test_of_many_who_claim_a_number_one_gets_it(run: RunFolder) -> None:
    for number in range(1, 21):
        claims = [submission(number, f"{number}-{who}") for who in range(8)]
        with ThreadPoolExecutor(8) as pool:
            got = list(pool.map(lambda item: claim(run, item), claims))
        assert sum(got) == 1
        assert newest_submission(run) == claims[got.index(True)]
    assert sorted(path.suffix for path in run.slurm.iterdir()) == [".json"] * 20, "nothing is left beside"


def test_a_claim_is_confirmed_withdrawn_or_abandoned(run: RunFolder) -> None:
    first = submission()
    assert newest_submission(run) is None
    assert claim(run, first)
    assert first.may_be_under_way
    confirmed = confirm(run, first, 12)
    assert newest_submission(run) == confirmed == dataclasses.replace(first, job_id=12, time=confirmed.time)
    second = submission(2, "b2", base=1)
    assert claim(run, second)
    abandon(run, second)
    known = newest_submission(run)
    assert known is not None
    assert not known.may_be_under_way
    withdraw(run, second)
    assert newest_submission(run) == confirmed


def test_a_submitter_elsewhere_is_believed_for_a_while(run: RunFolder) -> None:
    elsewhere = dataclasses.replace(submission(), host="another")
    assert elsewhere.may_be_under_way
    assert not dataclasses.replace(elsewhere, time=time.time() - SUBMIT_SECONDS).may_be_under_way
    assert not dataclasses.replace(submission(), start_ticks=1).may_be_under_way, "that process is gone"


def test_a_damaged_record_is_passed_over(run: RunFolder) -> None:
    claim(run, submission())
    (run.slurm / "0002.json").write_text('{"number": 2')
    (run.slurm / "0003.json").write_text('{"number": 3}')
    known = newest_submission(run)
    assert known is not None
    assert known.number == 1


def test_an_end_that_was_asked_for_is_kept_unless_it_cannot_be_had(run: RunFolder) -> None:
    first = submission()
    claim(run, first)
    with pytest.raises(RuntimeError), allowed_again(run, first):
        forbid(run, first)
        raise RuntimeError
    assert not is_forbidden(run, first)
    with allowed_again(run, first):
        forbid(run, first)
    assert is_forbidden(run, first)
    assert not is_forbidden(run, submission(2, "b2"))


def test_the_newest_log_is_the_jobs_until_an_attempt_has_begun(run: RunFolder) -> None:
    assert newest_log(run) is None
    claim(run, submission())
    assert newest_log(run) == log_path(run, 1)
    run.attempt(1).path.mkdir(parents=True)
    assert newest_log(run) == run.attempt(1).log
    claim(run, submission(2, "b2", base=1))
    assert newest_log(run) == log_path(run, 2)
