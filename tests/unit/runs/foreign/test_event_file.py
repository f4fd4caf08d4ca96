"""Event files are read as TensorBoard reads them, whole or half written, sound or damaged."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util.tensor_util import make_tensor_proto

from ravetui.runs.foreign.event_file import EventFile
from tests.event_files import NAME, PIANO, STRINGS, event_file_of, write_events

FILES = [event_file_of(PIANO), event_file_of(PIANO, 1), event_file_of(STRINGS)]
on_disk = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


def read(path: Path) -> EventFile:
    file = EventFile(path)
    file.poll()
    return file


def numbers(file: EventFile) -> dict[str, list[tuple[int, float, float]]]:
    return {
        tag: list(zip(column.step.tolist(), column.time.tolist(), column.value.tolist(), strict=True))
        for tag, column in file.columns.items()
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}-{path.parts[-2]}")
def test_numbers_texts_and_sounds_are_those_that_tensorboard_reads(path: Path) -> None:
    theirs = EventAccumulator(str(path), {"scalars": 0, "audio": 0, "tensors": 0})
    theirs.Reload()
    ours = read(path)
    assert ours.damage == []
    wanted = {tag: [(e.step, e.wall_time, e.value) for e in theirs.Scalars(tag)] for tag in theirs.Tags()["scalars"]}
    assert numbers(ours) == wanted
    assert len(wanted) > 10
    sounds = theirs.Audio("audio_val")
    assert [(clip.number, clip.time, clip.length) for clip in ours.clips] == [
        (sound.step, sound.wall_time, len(sound.encoded_audio_string)) for sound in sounds
    ]
    texts = {tag: theirs.Tensors(tag)[0].tensor_proto.string_val[0].decode() for tag in theirs.Tags()["tensors"]}
    assert ours.texts == texts
    assert "config/text_summary" in texts


def boundaries(content: bytes) -> list[int]:
    """Where each record ends."""
    found, position = [], 0
    while position < len(content):
        position += 16 + struct.unpack_from("<Q", content, position)[0]
        found.append(position)
    return found


def test_a_file_that_grows_byte_by_byte_is_always_its_whole_records(tmp_path: Path) -> None:
    made = write_events(tmp_path / NAME, [(tag, step, step / 3) for step in range(12) for tag in ("a", "long/tag")])
    content = made.read_bytes()
    ends = boundaries(content)
    growing, file = tmp_path / "growing", EventFile(tmp_path / "growing")
    with growing.open("wb", buffering=0) as output:
        for length in range(1, len(content) + 1):
            output.write(content[length - 1 : length])
            file.poll()
            whole = sum(end <= length for end in ends) - 1
            assert sum(map(len, file.columns.values())) == max(whole, 0)
    assert file.damage == []
    assert numbers(file) == numbers(read(made))


@on_disk
@given(cuts=st.lists(st.integers(0, event_file_of(STRINGS).stat().st_size), max_size=6))
def test_a_real_file_that_grows_in_any_parts_is_read_as_at_once(tmp_path: Path, cuts: list[int]) -> None:
    content = event_file_of(STRINGS).read_bytes()
    growing = tmp_path / "growing"
    growing.write_bytes(b"")
    file = EventFile(growing)
    for end in [*sorted(cuts), len(content)]:
        with growing.open("ab") as output:
            output.write(content[output.tell() : end])
        file.poll()
    whole = read(event_file_of(STRINGS))
    assert file.damage == []
    assert numbers(file) == numbers(whole)
    assert [(clip.number, clip.record) for clip in file.clips] == [(clip.number, clip.record) for clip in whole.clips]


@on_disk
@given(place=st.integers(0), bit=st.integers(0, 7), count=st.sampled_from([20, 400]))
def test_a_flipped_bit_costs_one_record_and_is_named(tmp_path: Path, place: int, bit: int, count: int) -> None:
    made = write_events(tmp_path / NAME, [("loss", step, float(step)) for step in range(count)])
    content = bytearray(made.read_bytes())
    ends = boundaries(bytes(content))
    place %= ends[-2]
    content[place] ^= 1 << bit
    made.write_bytes(content)
    hit = sum(end <= place for end in ends)
    file = read(made)
    left = [(step, float(step)) for step in range(count) if step + 1 != hit]
    column = file.columns["loss"]
    assert list(zip(column.step.tolist(), column.value.tolist(), strict=True)) == left
    begins = ends[hit - 1] if hit else 0
    assert len(file.damage) == 1
    assert f"from byte {begins} on" in file.damage[0]
    assert NAME in file.damage[0]


def test_a_bad_last_record_may_still_be_written_and_is_named_once_others_follow(tmp_path: Path) -> None:
    made = write_events(tmp_path / NAME, [("loss", step, float(step)) for step in range(20)])
    content = made.read_bytes()
    begins, ends = boundaries(content)[-3:-1]
    made.write_bytes(content[:begins] + bytes(ends - begins))
    file = read(made)
    assert (len(file.columns["loss"]), file.damage) == (18, [])
    made.write_bytes(content[:ends])
    assert file.poll()
    assert (len(file.columns["loss"]), file.damage) == (19, [])
    wrong = content[: ends - 5] + bytes([content[ends - 5] ^ 1]) + content[ends - 4 :]
    made.write_bytes(wrong[:ends])
    file = read(made)
    assert (len(file.columns["loss"]), file.damage) == (18, [])
    made.write_bytes(wrong)
    file.poll()
    assert (file.columns["loss"].step.tolist()[-1], len(file.damage)) == (19, 1)


def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    made = write_events(tmp_path / NAME, [("loss", step, float(step)) for step in range(20)])
    file = read(made)
    write_events(made, [("other", 7, 1.0)])
    assert file.poll()
    assert numbers(file) == {"other": [(7, 1.7e9 + 1, 1.0)]}
    assert not file.poll()


def test_every_way_to_write_a_number_is_read_and_what_is_none_is_not(tmp_path: Path) -> None:
    path = tmp_path / NAME
    kinds = {
        "packed": make_tensor_proto(np.float32(2.5)),
        "double": make_tensor_proto(np.float64(-1.25)),
        "whole": make_tensor_proto(np.int64(-7)),
        "short": make_tensor_proto(np.int32(9)),
    }
    content = summary_pb2.Summary()
    for tag, tensor in kinds.items():
        content.value.add(tag=tag, tensor=tensor)
    raw = content.value.add(tag="content")
    raw.tensor.dtype, raw.tensor.tensor_content = 1, struct.pack("<f", 0.5)
    content.value.add(tag="several", tensor=make_tensor_proto(np.ones(2, np.float32)))
    content.value.add(tag="histogram", histo=summary_pb2.HistogramProto(min=1.0))
    with path.open("wb") as output:
        writer = RecordWriter(output)
        for step in (0, 1, 1 << 40, -5):
            event = event_pb2.Event(wall_time=1.5, step=step, summary=content)
            writer.write(event.SerializeToString())
    found = {tag: (column.step.tolist(), column.value.tolist()[0]) for tag, column in read(path).columns.items()}
    steps = [0, 1, 1 << 40, -5]
    wanted = {"packed": 2.5, "double": -1.25, "whole": -7.0, "short": 9.0, "content": 0.5}
    assert found == {tag: (steps, value) for tag, value in wanted.items()}


def test_not_a_number_and_infinity_arrive(tmp_path: Path) -> None:
    values = [1.0, float("nan"), float("inf"), -float("inf")] * 10
    made = write_events(tmp_path / NAME, [("loss", step, value) for step, value in enumerate(values)])
    np.testing.assert_array_equal(read(made).columns["loss"].value, values)


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 4096, b"\xff" * 4096, bytes(range(256)) * 20])
def test_what_is_no_event_file_has_nothing_in_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    file = read(tmp_path / NAME)
    assert (file.columns, file.clips) == ({}, [])
