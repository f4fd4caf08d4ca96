"""TensorBoard's events as bytes: numbers, text, sound, and where a writer starts anew.

Field numbers are those of tensorflow/core/util/event.proto and framework/summary.proto; a record is framed as
:mod:`ravetui.runs.foreign.record_chain` says.
"""

import struct
from collections.abc import Sequence

from ravetui.runs.foreign.crc import masked

VERSION = b"brain.Event:2"
_START = 1
_STRING = 7
_TIME = struct.Struct("<d")
_LENGTH = struct.Struct("<Q")
_CRC = struct.Struct("<I")


class ScalarRow:
    """Numbers that are always written together, as one event.

    Args:
        tags: Of the numbers, in order.
    """

    def __init__(self, tags: Sequence[str]) -> None:
        heads: list[bytes] = []
        for tag in tags:
            name = _bytes(1, tag.encode())
            heads.append(b"\x0a" + _varint(len(name) + 5) + name + b"\x15")
        self._heads = heads
        self._pack = struct.Struct("<" + "".join(f"{len(head)}sf" for head in heads)).pack

    def record(self, step: int, when: float, values: Sequence[float]) -> bytes:
        """One record.

        Args:
            when: Unix time, seconds.
            values: One a tag.
        """
        mixed: list[bytes | float] = [item for pair in zip(self._heads, values, strict=True) for item in pair]
        return framed(_event(step, when, _bytes(5, self._pack(*mixed))))


def version_record(when: float) -> bytes:
    """What an event file begins with."""
    return framed(b"\x09" + _TIME.pack(when) + _bytes(3, VERSION))


def start_record(step: int, when: float) -> bytes:
    """Says that whatever was written before with this step or a later one counts no more."""
    return framed(_event(step, when, _bytes(7, b"\x08" + _varint(_START))))


def text_record(tag: str, text: str, step: int, when: float) -> bytes:
    """A text, in Markdown."""
    tensor = b"\x08" + _varint(_STRING) + _bytes(2, _bytes(2, b"\x08\x01")) + _bytes(8, text.encode())
    value = _bytes(1, tag.encode()) + _bytes(8, tensor) + _bytes(9, _bytes(1, _bytes(1, b"text")))
    return framed(_event(step, when, _bytes(5, _bytes(1, value))))


def sound_record(tag: str, wav: bytes, step: int, when: float, *, rate: int, channels: int, frames: int) -> bytes:
    """A sound.

    Args:
        wav: A WAV file.
        rate: Hz.
        frames: Samples of each channel.
    """
    audio = b"\x0d" + struct.pack("<f", rate) + b"\x10" + _varint(channels) + b"\x18" + _varint(frames)
    audio += _bytes(4, wav) + _bytes(5, b"audio/wav")
    return framed(_event(step, when, _bytes(5, _bytes(1, _bytes(1, tag.encode()) + _bytes(6, audio)))))


def framed(payload: bytes) -> bytes:
    """A record: length, payload and a checksum of each."""
    length = _LENGTH.pack(len(payload))
    return length + _CRC.pack(masked(length)) + payload + _CRC.pack(masked(payload))


def _event(step: int, when: float, content: bytes) -> bytes:
    return b"\x09" + _TIME.pack(when) + (b"\x10" + _varint(step) if step else b"") + content


def _bytes(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    made = bytearray()
    while number > 0x7F:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    made.append(number)
    return bytes(made)
