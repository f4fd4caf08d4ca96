"""What frames say: JSON objects whose every field has a type and bounds, and blocks of audio."""

import json
import math
import re
import struct
from typing import Any

from ravetui.app.sound.wire.frame import Frame, Kind
from ravetui.errors import SoundError

VERSION = 1
"""Of the protocol; both ends must speak the same."""

SEGMENT_FRAMES = 4096
"""Audio frames in a block: one block of FLAC, which can be decoded by itself, so that a clip begins and goes on
anywhere as soon as that block is there. About 9 kB of stereo at most, which fits in the first flight of TCP."""

CLIP_ID = re.compile(r"[0-9a-f]{32}")
MOST_FRAMES = 1 << 40
_MOST_CHANNELS, _MOST_RATE = 8, 384000
_DATA = struct.Struct(">16sI")


class WireError(SoundError):
    """A frame says something that cannot be meant."""

    def __init__(self, kind: Kind, what: str) -> None:
        super().__init__("Not understood", f"A {kind.name} frame {what}.", "Install the same ravetui on both machines.")


_TEXT, _PLAY = (str, 0, 512), (int, 0, 1 << 31)
_Rule = tuple[Any, float, float]
"""Type, and bounds of the value or of the length."""

_CLIP: dict[str, _Rule] = {
    "clip": (CLIP_ID, 32, 32),
    "codec": (str, 1, 16),
    "rate": (int, 1000, _MOST_RATE),
    "channels": (int, 1, _MOST_CHANNELS),
    "length": (int, 1, MOST_FRAMES),
}
_SECONDS, _GAIN = (float, 0, 1e9), (float, -100, 30)
_FIELDS: dict[Kind, dict[str, _Rule]] = {
    Kind.HELLO: {"version": (int, 0, 1 << 16), "program": _TEXT},
    Kind.PING: {},
    Kind.OPEN: {},
    Kind.CLOSE: {},
    Kind.PLAY: {
        "id": _PLAY,
        **_CLIP,
        "title": _TEXT,
        "run": _TEXT,
        "step": (int, -1, 1 << 53),
        "start": _SECONDS,
        "gain": _GAIN,
        "loop": (bool, 0, 1),
        "switch": (bool, 0, 1),
    },
    Kind.OFFER: _CLIP,
    Kind.STOP: {},
    Kind.SEEK: {"id": _PLAY, "seconds": _SECONDS},
    Kind.LOOP: {"id": _PLAY, "on": (bool, 0, 1)},
    Kind.GAIN: {"id": _PLAY, "gain": _GAIN},
    Kind.READY: {"backend": _TEXT, "device": _TEXT, "host": _TEXT},
    Kind.HAVE: {"clips": (CLIP_ID, 0, 4096)},
    Kind.LACK: {"clip": (CLIP_ID, 32, 32)},
    Kind.ACK: {"bytes": (int, 0, MOST_FRAMES)},
    Kind.START: {"id": _PLAY, "seconds": _SECONDS},
    Kind.POS: {"id": _PLAY, "seconds": _SECONDS},
    Kind.END: {"id": _PLAY, "frames": (int, 0, MOST_FRAMES), "seconds": _SECONDS, "complete": (bool, 0, 1)},
    Kind.ERROR: {"id": _PLAY, "fault": (str, 1, 16), "message": _TEXT},
}


def message(kind: Kind, channel: int = 0, **values: Any) -> Frame:
    """A frame that says that; texts are cut to what a frame may hold."""
    cut = {name: value[:512] if isinstance(value, str) else value for name, value in values.items()}
    return Frame(kind, json.dumps(cut).encode() if cut else b"", channel)


def read_message(frame: Frame) -> dict[str, Any]:
    """What a frame says: each field there, of its type and in its bounds.

    Raises:
        WireError: It is not so.
    """
    try:
        found = json.loads(frame.payload) if frame.payload else {}
    except (ValueError, RecursionError):
        raise WireError(frame.kind, "is not JSON") from None
    if not isinstance(found, dict):
        raise WireError(frame.kind, "is not an object")
    return {name: _field(frame.kind, name, found.get(name), *rule) for name, rule in _FIELDS[frame.kind].items()}


def _field(kind: Kind, name: str, value: Any, want: Any, low: float, high: float) -> Any:
    if name == "clips":
        good = isinstance(value, list) and len(value) <= high and all(_is_clip(item) for item in value)
    elif want is CLIP_ID:
        good = _is_clip(value)
    elif want is str:
        good = isinstance(value, str) and low <= len(value) <= high
    elif want is bool:
        good = isinstance(value, bool)
    else:
        number = isinstance(value, (int, float) if want is float else int) and not isinstance(value, bool)
        good = number and math.isfinite(value) and low <= value <= high
    if not good:
        raise WireError(kind, f"has no good {name}")
    return float(value) if want is float else value


def _is_clip(value: Any) -> bool:
    return isinstance(value, str) and CLIP_ID.fullmatch(value) is not None


def segment_frame(clip: str, number: int, flac: bytes) -> Frame:
    """A block of a clip's audio."""
    return Frame(Kind.DATA, _DATA.pack(bytes.fromhex(clip), number) + flac)


def read_segment(frame: Frame) -> tuple[str, int, bytes]:
    """Clip, number of the block, and its FLAC.

    Raises:
        WireError: It is too short.
    """
    if len(frame.payload) < _DATA.size:
        raise WireError(frame.kind, "is too short")
    clip, number = _DATA.unpack_from(frame.payload)
    return clip.hex(), number, frame.payload[_DATA.size :]


def segments_of(frames: int) -> int:
    """How many blocks so many audio frames make."""
    return -(-frames // SEGMENT_FRAMES)
