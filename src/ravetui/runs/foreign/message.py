"""TensorBoard's events as bytes: as much of protocol buffers as reading them takes.

Field numbers are those of tensorflow/core/util/event.proto and framework/summary.proto, tensor.proto.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_STRING = 7
"""``DT_STRING`` of tensorflow/core/framework/types.proto."""
_CONTENT = {1: "<f4", 2: "<f8", 3: "<i4", 4: "<u1", 5: "<i2", 6: "<i1", 9: "<i8", 10: "?", 19: "<f2"}
"""By dtype: how a tensor's ``tensor_content`` lies in memory."""
_LISTS = {5: "<f4", 6: "<f8"}
"""By field number: a packed list of numbers of a fixed width."""
_VARINT_LISTS = (7, 10, 11)
_START = 1


@dataclass(frozen=True)
class Value:
    """One value of a summary: where its number, text or sound lies among the event's bytes."""

    tag: str
    kind: str
    """A numpy type of a number; ``varint``; ``text``, ``audio``, or empty for what is not read."""
    start: int = 0
    length: int = 0
    rate: float = 0.0
    """Sampling rate of a sound, Hz; 0 when it is not said beside it."""


@dataclass(frozen=True)
class EventMessage:
    """One event."""

    time: float = 0.0
    """Unix time, seconds."""
    time_at: int = -1
    step: int = 0
    step_at: int = -1
    """Where its varint lies; -1: it is left out, which means 0."""
    step_length: int = 0
    starts: bool = False
    """Whether a writer says here that it (re)starts: what was written with this step or a later one counts no more."""
    values: tuple[Value, ...] = field(default=())


def read_event(content: bytes) -> EventMessage:
    """Read an event, or the beginning of one: what lies beyond the end is described by its place and length.

    Raises:
        ValueError: These bytes are no event.
    """
    time, time_at, step, step_at, step_length, starts = 0.0, -1, 0, -1, 0, False
    values: list[Value] = []
    for number, wire, start, length, varint in fields(content, 0, len(content)):
        if number == 1 and wire == FIXED64:
            time, time_at = struct.unpack_from("<d", content, start)[0], start
        elif number == 2 and wire == VARINT:
            step, step_at, step_length = _signed(varint), start, length
        elif number == 5 and wire == BYTES:
            values += _summary(content, start, min(start + length, len(content)))
        elif number == 7 and wire == BYTES:
            starts = any(n == 1 and v == _START for n, _, _, _, v in fields(content, start, start + length))
    return EventMessage(time, time_at, step, step_at, step_length, starts, tuple(values))


def fields(content: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int, int]]:
    """Each field of a message: number, wire type, where its content begins, how long it is, its varint if it is one.

    Raises:
        ValueError: These bytes are no message.
    """
    position = start
    while position < end:
        key, position = _varint(content, position)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, after = _varint(content, position)
            yield number, wire, position, after - position, value
            position = after
        elif wire in (FIXED64, FIXED32):
            width = 8 if wire == FIXED64 else 4
            if position + width > len(content):
                return
            yield number, wire, position, width, 0
            position += width
        elif wire == BYTES:
            length, position = _varint(content, position)
            yield number, wire, position, length, 0
            position += length
        else:
            raise ValueError(f"wire type {wire}")


def varints(content: bytes, start: int, end: int) -> list[int]:
    """A packed list of varints, signed."""
    found = []
    while start < end:
        value, start = _varint(content, start)
        found.append(_signed(value))
    return found


def strings(content: bytes, value: Value) -> list[bytes]:
    """The strings of a tensor of strings."""
    inside = fields(content, value.start, value.start + value.length)
    return [content[start : start + length] for number, wire, start, length, _ in inside if (number, wire) == (8, 2)]


def _summary(content: bytes, start: int, end: int) -> list[Value]:
    return [
        _value(content, begin, min(begin + length, len(content)))
        for number, wire, begin, length, _ in fields(content, start, end)
        if number == 1 and wire == BYTES
    ]


def _value(content: bytes, start: int, end: int) -> Value:
    tag, found = "", Value("", "")
    for number, wire, begin, length, _ in fields(content, start, end):
        if number == 1 and wire == BYTES:
            tag = content[begin : begin + length].decode("utf-8", "replace")
        elif number == 2 and wire == FIXED32:
            found = Value("", "<f4", begin, length)
        elif number == 6 and wire == BYTES:
            found = _audio(content, begin, min(begin + length, len(content)))
        elif number == 8 and wire == BYTES:
            found = _tensor(content, begin, length)
    return Value(tag, found.kind, found.start, found.length, found.rate)


def _audio(content: bytes, start: int, end: int) -> Value:
    rate, place, size = 0.0, 0, 0
    for number, wire, begin, length, _ in fields(content, start, end):
        if number == 1 and wire == FIXED32:
            rate = struct.unpack_from("<f", content, begin)[0]
        elif number == 4 and wire == BYTES:
            place, size = begin, length
    return Value("", "audio" if size else "", place, size, rate)


def _tensor(content: bytes, start: int, length: int) -> Value:
    """A tensor of one number, or of strings; a recorded sound is a string that begins as a WAV file does."""
    dtype, end = 0, min(start + length, len(content))
    for number, wire, begin, size, varint in fields(content, start, end):
        if number == 1 and wire == VARINT:
            dtype = varint
        elif dtype == _STRING and number == 8 and wire == BYTES:
            if content[begin : begin + 4] == b"RIFF":
                return Value("", "audio", begin, size)
            return Value("", "text", start, length)
        elif number == 4 and wire == BYTES and dtype in _CONTENT:
            kind = _CONTENT[dtype]
            return Value("", kind, begin, size) if size == _width(kind) else Value("", "")
        elif number in _LISTS and (wire == BYTES or wire in (FIXED32, FIXED64)):
            kind = _LISTS[number]
            return Value("", kind, begin, size) if size == _width(kind) else Value("", "")
        elif number in _VARINT_LISTS:
            return Value("", "varint", begin, size)
    return Value("", "")


def _width(kind: str) -> int:
    return 1 if kind == "?" else int(kind[-1])


def _varint(content: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(content) or shift > 63:
            raise ValueError("a number without an end")
        byte = content[position]
        value |= (byte & 0x7F) << shift
        position += 1
        if byte < 0x80:
            return value, position
        shift += 7


def _signed(value: int) -> int:
    value &= 0xFFFFFFFFFFFFFFFF
    return value - (1 << 64) if value >> 63 else value
