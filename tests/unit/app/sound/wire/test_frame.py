"""Frames are found whatever is before, between and after them, and nothing else is taken for one."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ravetui.app.sound.wire.frame import HEADER, MOST_BYTES, Frame, FrameDecoder, Kind
from ravetui.app.sound.wire.message import WireError, message, read_message, read_segment, segment_frame
from tests.fuzz import fuzzed_frames

BANNER = b"Welcome to graz!\r\nLast login: Tue Nov 24\n\x1b[1mhave a lot of fun\x1b[0m\n\x00RV"

frames = st.builds(Frame, st.sampled_from(list(Kind)), st.binary(max_size=300), st.integers(0, 0xFFFF))


@given(st.lists(frames, max_size=6), st.lists(st.binary(max_size=80), min_size=7, max_size=7), st.integers(1, 99))
def test_frames_come_out_as_they_went_in_with_any_noise_between_and_in_any_pieces(
    sent: list[Frame], noise: list[bytes], size: int
) -> None:
    data = noise[-1] + b"".join(frame.encode() + between for frame, between in zip(sent, noise, strict=False))
    decoder = FrameDecoder()
    found: list[Frame] = []
    for start in range(0, len(data), size):
        found += decoder.feed(data[start : start + size])
    assert found == sent


def test_a_banner_before_the_first_frame_is_kept_as_what_was_said() -> None:
    decoder = FrameDecoder()
    hello = message(Kind.HELLO, version=1, program="ravetui")
    assert list(decoder.feed(BANNER + hello.encode())) == [hello]
    assert decoder.noise.startswith("Welcome to graz!")
    assert "lot of fun" in decoder.noise


@given(frames, st.data())
def test_a_frame_with_a_wrong_byte_is_passed_over_and_the_next_is_found(frame: Frame, data: st.DataObject) -> None:
    raw = bytearray(frame.encode())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    after = Frame(Kind.PING)
    # Enough after it for a length that was made greater.
    assert list(FrameDecoder().feed(bytes(raw) + after.encode() + bytes(MOST_BYTES)))[-1] == after


def test_a_length_that_is_too_great_is_not_waited_for() -> None:
    huge = Frame(Kind.DATA, bytes(MOST_BYTES + 1)).encode()
    after = Frame(Kind.PING)
    assert list(FrameDecoder().feed(huge[:HEADER] + after.encode())) == [after]


PLAY = {
    "id": 3,
    "clip": "0" * 32,
    "codec": "flac",
    "rate": 48000,
    "channels": 2,
    "length": 9,
    "title": "a",
    "run": "b",
    "step": 4,
    "start": 0.5,
    "gain": -3.0,
    "loop": False,
    "switch": True,
}


def test_a_play_is_read_as_it_was_said() -> None:
    assert read_message(message(Kind.PLAY, 7, **PLAY)) == PLAY


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": -1},
        {"id": True},
        {"id": "3"},
        {"clip": "../../etc/passwd"},
        {"clip": "A" * 32},
        {"rate": 0},
        {"channels": 9},
        {"length": 0},
        {"length": 1 << 60},
        {"start": float("nan")},
        {"start": float("inf")},
        {"start": -0.1},
        {"gain": 31},
        {"loop": 1},
        {"title": None},
        {"step": 1.5},
    ],
    ids=str,
)
def test_a_field_out_of_bounds_is_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(WireError, match=f"PLAY frame has no good {next(iter(wrong))}"):
        read_message(Frame(Kind.PLAY, json.dumps(PLAY | wrong).encode()))


@pytest.mark.parametrize("payload", [b"[]", b"3", b"{", b"\xff", b"[" * 100000])
def test_what_is_no_object_is_refused(payload: bytes) -> None:
    with pytest.raises(WireError):
        read_message(Frame(Kind.PLAY, payload))


def test_long_texts_are_cut_to_what_may_be_said() -> None:
    assert len(read_message(message(Kind.ERROR, id=1, fault="file", message="x" * 9999))["message"]) == 512


def test_a_segment_is_read_as_it_was_said() -> None:
    assert read_segment(segment_frame("ab" * 16, 9, b"flac")) == ("ab" * 16, 9, b"flac")
    with pytest.raises(WireError):
        read_segment(Frame(Kind.DATA, b"short"))


def test_ten_thousand_fuzzed_frames_decode_to_frames_or_nothing() -> None:
    decoder, chosen = FrameDecoder(), random.Random(0)
    for data in fuzzed_frames(chosen, 10_000):
        for frame in decoder.feed(data):
            try:
                read_segment(frame) if frame.kind is Kind.DATA else read_message(frame)
            except WireError:
                continue
