"""Blocks of audio as FLAC of 16 bits: lossless for what is rendered, decodable each by itself."""

import io

import numpy as np

from ravetui.app.sound.device import Block
from ravetui.errors import SoundError


def encode(block: Block, rate: int) -> bytes:
    """A FLAC file in memory.

    Args:
        block: Audio, (frames, channels), −1 to 1; what goes beyond is cut off.
        rate: Hz.
    """
    import soundfile

    out = io.BytesIO()
    # The scale of libsndfile, so that a file of 16 bits comes out as the integers that it went in as.
    whole = np.clip(np.rint(block * np.float32(32768)), -32768, 32767).astype(np.int16)
    soundfile.write(out, whole, rate, format="FLAC", subtype="PCM_16")
    return out.getvalue()


def warm_up() -> None:
    """Load the library now, so that the first sound does not wait for that."""
    encode(np.zeros((1, 1), np.float32), 48000)


def decode(flac: bytes, channels: int, frames: int) -> Block:
    """Exactly so many frames of so many channels.

    Raises:
        SoundError: The bytes are not that.
    """
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(flac)) as file:
            if (file.format, file.channels, file.frames) != ("FLAC", channels, frames):
                raise SoundError("Damaged", "A block of audio is not what was announced.")
            block: Block = file.read(dtype="float32", always_2d=True)
    except (RuntimeError, OSError, ValueError, TypeError) as error:
        raise SoundError("Damaged", f"A block of audio cannot be decoded: {error}.") from None
    if block.shape != (frames, channels):
        raise SoundError("Damaged", "A block of audio breaks off.")
    return block
