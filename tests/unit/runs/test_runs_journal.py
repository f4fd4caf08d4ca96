import os
import resource
import signal
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ravetui.errors import RunError
from ravetui.runs.journal import JournalWriter, record_type
from ravetui.runs.record_format import count_whole
from tests.journal_reader import JournalReader

COLUMNS = ("loss", "learning_rate")
WIDTH = 8 + 8 + 4 * len(COLUMNS) + 4
VALUES = st.floats(width=32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("journal")


def write(path: Path, count: int, *, first: int = 1, columns: tuple[str, ...] = COLUMNS) -> bytes:
    path.unlink(missing_ok=True)
    writer = JournalWriter(path, columns, from_step=first - 1, attempt=3)
    for step in range(first, first + count):
        writer.append(step, 1e9 + step, [step / 2] * len(columns))
    writer.close()
    return path.read_bytes()


def read_steps(path: Path) -> list[int]:
    reader = JournalReader(path)
    reader.poll()
    return [int(step) for step in reader.records["step"]] if reader.columns else []


@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), VALUES, VALUES), max_size=20))
def test_what_was_written_reads_back(folder: Path, rows: list[tuple[int, float, float, float]]) -> None:
    path = folder / "back.bin"
    path.unlink(missing_ok=True)
    writer = JournalWriter(path, COLUMNS, from_step=41, attempt=3)
    for step, when, *values in rows:
        writer.append(step, when, values)
    writer.close()
    reader = JournalReader(path)
    assert reader.poll() is bool(rows)
    assert (reader.columns, reader.from_step, reader.attempt) == (COLUMNS, 41, 3)
    expected = np.array([(*row, 0) for row in rows], dtype=record_type(COLUMNS))
    for name in ("step", "time", *COLUMNS):
        np.testing.assert_array_equal(reader.records[name], expected[name])


def test_a_file_cut_at_any_byte_gives_every_whole_record(folder: Path) -> None:
    path = folder / "cut.bin"
    content = write(path, 5)
    header = len(content) - 5 * WIDTH
    for size in range(len(content) + 1):
        path.write_bytes(content[:size])
        assert read_steps(path) == list(range(1, 1 + max(size - header, 0) // WIDTH))


@pytest.mark.parametrize("count", [5, 80])
def test_a_reader_that_follows_loses_nothing_wherever_it_looks(folder: Path, count: int) -> None:
    path = folder / "follow.bin"
    content = write(path, count)
    path.write_bytes(b"")
    reader = JournalReader(path)
    for start in range(0, len(content), 7):
        with path.open("ab") as file:
            file.write(content[start : start + 7])
        reader.poll()
    assert reader.records["step"].tolist() == list(range(1, count + 1))
    assert not reader.poll(), "nothing new is nothing new"


@settings(max_examples=60)
@given(st.sampled_from([10, 150]), st.data())
def test_it_stops_at_a_changed_byte(folder: Path, count: int, data: st.DataObject) -> None:
    path = folder / "flip.bin"
    content = bytearray(write(path, count))
    where = data.draw(st.integers(len(content) - count * WIDTH, len(content) - 1))
    content[where] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    assert read_steps(path) == list(range(1, 1 + (where - (len(content) - count * WIDTH)) // WIDTH))


@pytest.mark.parametrize("zeros", [1, WIDTH, WIDTH * 3 + 1, 4096])
def test_zeros_at_the_end_are_not_records(folder: Path, zeros: int) -> None:
    path = folder / "zeros.bin"
    path.write_bytes(write(path, 5) + bytes(zeros))
    assert read_steps(path) == [1, 2, 3, 4, 5]


def test_a_file_of_zeros_has_not_begun(folder: Path) -> None:
    path = folder / "blank.bin"
    path.write_bytes(bytes(4096))
    reader = JournalReader(path)
    assert not reader.poll()
    assert reader.columns == ()


def test_a_torn_record_is_read_when_it_is_completed(folder: Path) -> None:
    path = folder / "torn.bin"
    content = write(path, 2)
    path.write_bytes(content[:-WIDTH] + bytes(WIDTH))
    reader = JournalReader(path)
    reader.poll()
    assert reader.records["step"].tolist() == [1]
    path.write_bytes(content)
    assert reader.poll()
    assert reader.records["step"].tolist() == [1, 2]


def test_a_missing_file_is_not_yet_and_a_stranger_is_named(folder: Path) -> None:
    assert not JournalReader(folder / "missing.bin").poll()
    (folder / "other.bin").write_bytes(b"RIFF....WAVEfmt ")
    with pytest.raises(RunError, match=r"other\.bin was not written by this version"):
        JournalReader(folder / "other.bin").poll()


def test_an_attempt_is_never_written_twice(folder: Path) -> None:
    content = write(folder / "once.bin", 2)
    with pytest.raises(FileExistsError):
        JournalWriter(folder / "once.bin", COLUMNS, from_step=0, attempt=3)
    assert (folder / "once.bin").read_bytes() == content


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """No file may grow beyond this many bytes: writes are then cut short as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("room", range(WIDTH))
def test_a_full_disk_loses_no_record(folder: Path, room: int) -> None:
    path = folder / "full.bin"
    path.unlink(missing_ok=True)
    writer = JournalWriter(path, COLUMNS, from_step=0, attempt=1)
    writer.append(1, 1.0, (1.0, 1.0))
    with at_most(path.stat().st_size + room):
        writer.append(2, 2.0, (2.0, 2.0))
        writer.append(3, 3.0, (3.0, 3.0))
        assert read_steps(path) == [1]
        with pytest.raises(OSError, match=r"No space"):
            writer.sync()
    writer.append(4, 4.0, (4.0, 4.0))
    writer.close()
    assert read_steps(path) == [1, 2, 3, 4], "nothing is lost, and it is in order"


@settings(max_examples=60)
@given(st.integers(1, 9), st.sampled_from([1, 2, 40, 4096, 5000]), st.data())
def test_checksums_of_many_records_at_once_are_those_of_each(columns: int, count: int, data: st.DataObject) -> None:
    kind = record_type([f"c{number}" for number in range(columns)])
    width = kind.itemsize
    rows = np.random.default_rng(count).integers(0, 256, (count, width), dtype=np.uint8)
    for row in rows:
        row[-4:] = np.frombuffer(zlib.crc32(row[:-4]).to_bytes(4, "little"), dtype=np.uint8)
    assert count_whole(rows.view(kind).reshape(-1)) == count
    damaged = sorted(data.draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=4, unique=True)))
    # Zeros, as a power cut leaves them, or bytes of any kind: the same in each, so that they could cancel out.
    garbage = data.draw(
        st.binary(min_size=width, max_size=width).filter(
            lambda body: zlib.crc32(body[:-4]) != int.from_bytes(body[-4:], "little")
        )
        | st.just(bytes(width))
    )
    rows[damaged] = np.frombuffer(garbage, dtype=np.uint8)
    assert count_whole(rows.view(kind).reshape(-1)) == damaged[0]


def test_a_long_journal_is_checked_across_chunks(folder: Path) -> None:
    path = folder / "long.bin"
    count = (1 << 16) + 70
    content = write(path, 1)
    header, body = content[:-WIDTH], content[-WIDTH:]
    path.write_bytes(header + body * count)
    reader = JournalReader(path)
    reader.poll()
    assert len(reader.records) == count
    with path.open("r+b") as file:
        file.seek(len(header) + WIDTH * ((1 << 16) + 3))
        file.write(os.urandom(1) + b"\xff")
    reader = JournalReader(path)
    reader.poll()
    assert len(reader.records) == (1 << 16) + 3
