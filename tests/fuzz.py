"""Frames as an enemy would send them: half right, wholly wrong, cut, huge, and some that are right."""

import json
import random
from collections.abc import Iterator
from typing import Any

from ravetui.app.sound.wire.frame import Frame, Kind

_VALUES: tuple[Any, ...] = (
    *(None, True, False, -1, 0, 1, 2**31, 2**63, 1e308, -1e308, 0.5, "", "flac", "x" * 600, [], {}, [[]]),
    *("0" * 32, "f" * 32, "../" * 10, ["0" * 32], "\x00", "\x1b]0;title\x07"),
)
_FIELDS = (
    *("id", "clip", "codec", "rate", "channels", "length", "title", "run", "step", "start", "gain", "loop", "switch"),
    *("seconds", "on", "backend", "device", "host", "clips", "bytes", "frames", "complete", "fault", "message"),
    *("version", "program"),
)
_GOOD = {
    "id": 1,
    "clip": "0" * 32,
    "codec": "flac",
    "rate": 8000,
    "channels": 1,
    "length": 9000,
    "title": "",
    "run": "",
    "step": 1,
    "start": 0.0,
    "gain": 0.0,
    "loop": False,
    "switch": False,
    "seconds": 0.1,
    "on": True,
    "version": 1,
    "program": "",
    "backend": "x",
    "device": "y",
    "host": "z",
    "clips": ["0" * 32],
    "bytes": 5,
    "frames": 5,
    "complete": True,
    "fault": "file",
    "message": "m",
}


def fuzzed_frames(chosen: random.Random, count: int) -> Iterator[bytes]:
    """So many pieces of a stream."""
    for _ in range(count):
        kind, channel = chosen.choice(list(Kind)), chosen.choice((0, 1, 2, 0xFFFF))
        how = chosen.random()
        if how < 0.2:
            payload = chosen.randbytes(chosen.randrange(60))
        elif how < 0.4:
            payload = bytes(16) + chosen.randrange(4).to_bytes(4) + b"fLaC" + chosen.randbytes(chosen.randrange(90))
        else:
            said = dict(_GOOD)
            for field in chosen.sample(_FIELDS, chosen.randrange(3)):
                said[field] = chosen.choice(_VALUES)
            payload = json.dumps(said).encode()
        raw = bytearray(Frame(kind, payload, channel).encode())
        if chosen.random() < 0.3:
            raw[chosen.randrange(len(raw))] ^= chosen.randrange(1, 256)
        if chosen.random() < 0.1:
            del raw[chosen.randrange(len(raw)) :]
        yield bytes(raw)
