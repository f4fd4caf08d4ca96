"""Lines with checksums, torn at any byte."""

from pathlib import Path

import pytest

from ravetui.runs.checked_line import checked_line, read_lines, write_line

FIRST, SECOND = {"step": 1}, {"step": 2, "clip": "höhe"}


@pytest.mark.parametrize("whole", range(len(checked_line(SECOND)) + 1))
def test_a_line_that_was_torn_and_is_written_again_is_there_once(tmp_path: Path, whole: int) -> None:
    path, line = tmp_path / "lines.jsonl", checked_line(SECOND)
    write_line(path, checked_line(FIRST))
    with path.open("ab") as file:
        file.write(line[:whole])
    if whole < len(line):
        write_line(path, line)
    assert list(read_lines(path)) == [FIRST, SECOND]
    write_line(path, checked_line(FIRST))
    assert list(read_lines(path)) == [FIRST, SECOND, FIRST]
