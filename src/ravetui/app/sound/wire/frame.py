"""What goes over the wire between a screen, the bridge and the listener: frames that are found again after any noise.

A frame is ``magic kind channel length payload_crc header_crc payload``, all big-endian. ssh neither loses nor alters a
byte, but a login banner or an ``echo`` in a shell's start file comes before the first frame, and whoever can write to
the socket may write anything. So a reader looks for the magic, believes a header only with its checksum, and goes on
looking one byte later when something does not fit.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from zlib import crc32

MAGIC = b"\x00RV\x01"
_HEAD = struct.Struct(">4sBHII")
_SUM = struct.Struct(">I")
HEADER = _HEAD.size + _SUM.size
"""Bytes before the payload."""

MOST_BYTES = 1 << 18
"""The longest payload."""

NOISE_BYTES = 4096
"""Of what came before the first frame, so much is kept: it may say why there is none."""


class Kind(IntEnum):
    """What a frame is. The upper ones come from the screen, the lower ones from the listener."""

    HELLO = 1
    PING = 2
    OPEN = 3
    CLOSE = 4
    PLAY = 16
    OFFER = 17
    DATA = 18
    STOP = 19
    SEEK = 20
    LOOP = 21
    GAIN = 22
    READY = 32
    HAVE = 33
    LACK = 34
    ACK = 35
    START = 36
    POS = 37
    END = 38
    ERROR = 39


_KINDS = {int(kind) for kind in Kind}


@dataclass(frozen=True, slots=True)
class Frame:
    """One message; ``channel`` says which of the screens on the server it is from or for, 0: all."""

    kind: Kind
    payload: bytes = b""
    channel: int = 0

    def encode(self) -> bytes:
        """The bytes on the wire."""
        head = _HEAD.pack(MAGIC, self.kind, self.channel, len(self.payload), crc32(self.payload))
        return head + _SUM.pack(crc32(head)) + self.payload


class FrameDecoder:
    """Finds frames in a stream of bytes that may hold anything else between them."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._noise = bytearray()
        self._begun = False

    @property
    def noise(self) -> str:
        """The beginning of what came before the first frame, as text."""
        return (bytes(self._noise) + (b"" if self._begun else bytes(self._buffer)))[:NOISE_BYTES].decode(
            errors="replace"
        )

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Take bytes; yield the frames that are whole now."""
        self._buffer += data
        while (frame := self._next()) is not None:
            self._begun = True
            yield frame

    def _next(self) -> Frame | None:
        buffer = self._buffer
        while True:
            found = buffer.find(MAGIC)
            if found < 0:
                self._drop(max(0, len(buffer) - len(MAGIC) + 1))
                return None
            self._drop(found)
            if len(buffer) < HEADER:
                return None
            head = bytes(buffer[: _HEAD.size])
            _, kind, channel, length, payload_sum = _HEAD.unpack(head)
            (head_sum,) = _SUM.unpack_from(buffer, _HEAD.size)
            if crc32(head) != head_sum or kind not in _KINDS or length > MOST_BYTES:
                self._drop(1)
                continue
            if len(buffer) < HEADER + length:
                return None
            payload = bytes(buffer[HEADER : HEADER + length])
            if crc32(payload) != payload_sum:
                self._drop(1)
                continue
            del buffer[: HEADER + length]
            return Frame(Kind(kind), payload, channel)

    def _drop(self, count: int) -> None:
        if not self._begun and len(self._noise) < NOISE_BYTES:
            self._noise += self._buffer[:count]
        del self._buffer[:count]
