import errno
from pathlib import Path

import pytest

from ravetui.runs import ballast
from ravetui.runs.folder import RunFolder


def test_it_is_let_go_by_parts_but_not_what_is_kept_for_the_end(tmp_path: Path) -> None:
    run, path = RunFolder(tmp_path), tmp_path / "ballast"
    assert not ballast.let_go_of_part(run), "there is none"
    assert ballast.lay_in(run)
    assert path.stat().st_blocks * 512 >= ballast.SIZE, "it takes room"
    parts = 0
    while ballast.let_go_of_part(run):
        parts += 1
    assert parts == (ballast.SIZE - ballast.LAST) // ballast.PART
    assert path.stat().st_size == ballast.LAST
    assert ballast.lay_in(run)
    assert path.stat().st_size == ballast.SIZE, "filled up again"
    ballast.let_go(run)
    ballast.let_go(run)
    assert not path.exists()


@pytest.mark.parametrize(("number", "full"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EACCES, False)])
def test_which_errors_more_room_would_mend(number: int, full: bool) -> None:
    error = OSError(number, "…")
    assert ballast.is_full(error) is full
    if full:
        with ballast.unless_full():
            raise error
    else:
        with pytest.raises(OSError, match="…"), ballast.unless_full():
            raise error
