import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.runs.events import append_event, read_events

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("events")


@pytest.fixture(scope="module")
def three(folder: Path) -> bytes:
    """A file of three events."""
    path = folder / "three"
    for step in (1, 2, 3):
        append_event(path, "saved", attempt=1, step=step, reason='a "crc": "ünïcode"')
    return path.read_bytes()


def read_steps(path: Path) -> list[int]:
    return [event.fields["step"] for event in read_events(path)]


@given(TEXT, st.integers(0, 10**9), st.integers(-(2**53), 2**53))
def test_an_event_reads_back(folder: Path, reason: str, attempt: int, step: int) -> None:
    path = folder / "one"
    path.unlink(missing_ok=True)
    append_event(path, "warned", attempt=attempt, step=step, reason=reason)
    (event,) = read_events(path)
    assert (event.kind, event.attempt, event.fields) == ("warned", attempt, {"step": step, "reason": reason})


def test_a_file_cut_at_any_byte_keeps_every_whole_event_and_the_next_one(folder: Path, three: bytes) -> None:
    path = folder / "cut"
    content = three
    ends = [number + 1 for number, byte in enumerate(content) if byte == ord("\n")]
    for size in range(len(content) + 1):
        path.write_bytes(content[:size])
        # The last newline may be missing: the event before it is whole.
        whole = [step for step, end in zip((1, 2, 3), ends, strict=True) if size >= end - 1]
        assert read_steps(path) == whole
        append_event(path, "saved", attempt=2, step=9)
        assert read_steps(path) == [*whole, 9], "a torn line must not swallow the one after it"


@given(st.data())
def test_a_changed_byte_costs_no_more_than_its_lines(folder: Path, three: bytes, data: st.DataObject) -> None:
    path = folder / "flip"
    content = bytearray(three)
    where = data.draw(st.integers(0, len(content) - 1))
    line = content[:where].count(b"\n")
    content[where] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    found = read_steps(path)
    # A newline that is no more joins two lines; both are lost.
    harmed = {line + 1, line + 2} if three[where] == ord("\n") else {line + 1}
    assert set(found) >= {1, 2, 3} - harmed
    assert set(found) <= {1, 2, 3}


def test_zeros_after_a_power_cut_are_passed_over(folder: Path, three: bytes) -> None:
    path = folder / "zeros"
    path.write_bytes(three + b"\0" * 512)
    assert read_steps(path) == [1, 2, 3]
    append_event(path, "saved", step=4)
    assert read_steps(path) == [1, 2, 3, 4]


def test_many_writers_never_mix_their_lines(folder: Path) -> None:
    path = folder / "many"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda step: append_event(path, "saved", step=step, reason="x" * 500), range(64)))
    assert sorted(read_steps(path)) == list(range(64))


def test_a_value_that_is_not_finite_is_null(folder: Path) -> None:
    path = folder / "nan"
    append_event(path, "validated", validation=math.nan, step=1, other=math.inf)
    assert read_events(path)[0].fields == {"validation": None, "step": 1, "other": None}


def test_an_unknown_kind_is_refused_and_no_file_is_no_event(folder: Path) -> None:
    with pytest.raises(ValueError, match="exploded"):
        append_event(folder / "x", "exploded")
    assert read_events(folder / "missing") == []
