from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ravetui.runs.folder import RunFolder
from ravetui.runs.history import RunHistory, read_series
from ravetui.runs.journal import JournalWriter
from ravetui.runs.tables import TABLES


def write_attempt(run: RunFolder, number: int, from_step: int, last: int, table: str = "reconstruction") -> None:
    """An attempt whose every value is its own number."""
    columns = TABLES[table]
    writer = JournalWriter(run.attempt(number).metrics / f"{table}.bin", columns, from_step=from_step, attempt=number)
    for step in range(from_step + 1, last + 1):
        writer.append(step, float(step), [float(number)] * len(columns))
    writer.close()


@settings(max_examples=40)
@given(spans=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30)), min_size=1, max_size=6))
def test_a_later_attempt_takes_over_from_where_it_resumed(
    spans: list[tuple[float, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    run = RunFolder(tmp_path_factory.mktemp("run"))
    expected: dict[int, int] = {}
    reached = 0
    for number, (share, count) in enumerate(spans, 1):
        start = round(share * reached)
        write_attempt(run, number, start, start + count)
        # The model: to resume from a step is to forget all after it.
        expected = {step: who for step, who in expected.items() if step <= start}
        expected.update(dict.fromkeys(range(start + 1, start + count + 1), number))
        reached = start + count
    series = read_series(run, "loss")
    assert dict(zip(series.step.tolist(), series.value.tolist(), strict=True)) == expected
    assert np.all(np.diff(series.step) > 0)


def test_it_follows_new_records_and_new_attempts(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    history = RunHistory(run)
    assert not history.poll()
    assert history.series("loss").step.tolist() == []
    write_attempt(run, 1, 0, 5)
    assert history.poll(["reconstruction"])
    assert not history.poll()
    assert history.series("loss").step.tolist() == [1, 2, 3, 4, 5]
    write_attempt(run, 2, 3, 4)
    assert history.poll()
    assert history.series("loss").value.tolist() == [1, 1, 1, 2]


def test_an_attempt_that_wrote_nothing_still_supersedes(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    write_attempt(run, 1, 0, 5)
    write_attempt(run, 2, 3, 3)
    assert read_series(run, "loss").step.tolist() == [1, 2, 3]


def test_it_tells_where_each_attempt_resumed(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    write_attempt(run, 1, 0, 5, "steps")
    run.attempt(2).path.mkdir(parents=True)
    write_attempt(run, 3, 4, 9, "steps")
    history = RunHistory(run)
    history.poll()
    assert history.resumed_at() == {1: 0, 3: 4}


def test_attempts_of_a_version_with_other_columns_are_still_read(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    writer = JournalWriter(run.attempt(1).metrics / "validation.bin", ("validation", "gone"), from_step=0, attempt=1)
    writer.append(1, 1.0, (4.5, 7.0))
    writer.close()
    write_attempt(run, 2, 1, 2, "validation")
    assert read_series(run, "validation").value.tolist() == [4.5, 2.0]
    assert np.array_equal(read_series(run, "validation_seconds").value, [np.nan, 2.0], equal_nan=True)


def test_an_unknown_tag_is_a_key_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="nope"):
        read_series(RunFolder(tmp_path), "nope")


def test_the_ten_thousandth_attempt_comes_after_the_one_before(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    for number in (9999, 10000, 2):
        run.attempt(number).path.mkdir(parents=True)
    (run.attempts / "notes").mkdir()
    assert [attempt.number for attempt in run.attempt_folders()] == [2, 9999, 10000]


@settings(max_examples=60)
@given(data=st.data())
def test_a_history_that_follows_shows_what_one_that_begins_anew_reads(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run = RunFolder(tmp_path_factory.mktemp("run"))
    followed, columns = RunHistory(run), TABLES["discriminator"]
    writer: JournalWriter | None = None
    attempt = step = count = 0
    for move in data.draw(
        st.lists(st.sampled_from(["train", "train", "rewind", "resume", "tear", "look"]), max_size=20)
    ):
        if writer is None or move == "resume":
            attempt, step = attempt + 1, data.draw(st.integers(0, step))
            path = run.attempt(attempt).metrics / "discriminator.bin"
            writer = JournalWriter(path, columns, from_step=step, attempt=attempt)
            first = step
        if move == "rewind":
            step = data.draw(st.integers(first, step))
            writer.rewind(step)
        elif move == "tear":
            whole = path.stat().st_size
            with path.open("ab") as file:
                file.write(b"\x00" * data.draw(st.integers(1, 9)))
            followed.poll()
            followed.series("loss_dis")
            with path.open("r+b") as file:
                file.truncate(whole)
        elif move == "look":
            followed.poll()
            followed.series(data.draw(st.sampled_from(columns)))
        else:
            for _ in range(data.draw(st.integers(1, 90))):
                step, count = step + 1, count + 1
                writer.append(step, float(count), (count, -count, count / 2))
    followed.poll()
    fresh = RunHistory(run)
    fresh.poll()
    records = fresh.records("discriminator")
    for tag in columns:
        for history in (followed, fresh):
            series = history.series(tag)
            assert series.step.tolist() == records["step"].tolist()
            assert series.time.tolist() == records["time"].tolist()
            assert series.value.tolist() == records[tag].tolist()
    wanted = data.draw(st.integers(1, 200))
    assert fresh.newest("discriminator", wanted).tolist() == records[-wanted:].tolist()
