"""A journal whose trainer went back: what it took back counts no more."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ravetui.runs.folder import RunFolder
from ravetui.runs.history import RunHistory
from ravetui.runs.journal import JournalWriter
from ravetui.runs.tables import TABLES


def test_the_curve_has_each_step_once_and_follows_while_it_grows(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    columns = TABLES["validation"]
    writer = JournalWriter(run.attempt(1).metrics / "validation.bin", columns, from_step=0, attempt=1)
    history = RunHistory(run)
    for step in (5, 10, 15):
        writer.append(step, 1.0, (step, 0.0, 0.0))
    history.poll()
    assert history.series("validation").step.tolist() == [5, 10, 15]
    writer.rewind(10)
    history.poll()
    assert history.series("validation").step.tolist() == [5, 10]
    writer.append(15, 2.0, (7.0, 0.0, 0.0))
    history.poll()
    assert history.series("validation").value.tolist() == [5.0, 10.0, 7.0]
    writer.close()


@given(st.lists(st.integers(1, 8) | st.integers(-8, -1), max_size=30))
def test_any_way_back_and_forth_leaves_what_was_written_last(moves: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(Path(folder))
        writer = JournalWriter(run.attempt(1).metrics / "steps.bin", TABLES["steps"], from_step=0, attempt=1)
        expected: list[tuple[int, float]] = []
        count = 0
        for move in moves:
            if move < 0:
                expected = expected[: max(len(expected) + move, 0)]
                writer.rewind(len(expected))
                continue
            for _ in range(move):
                count += 1
                expected.append((len(expected) + 1, float(count)))
                writer.append(*expected[-1], (1.0, 0.0, 0.0))
        writer.close()
        history = RunHistory(run)
        history.poll()
        records = history.records("steps")
        assert list(zip(records["step"].tolist(), records["time"].tolist(), strict=True)) == expected
