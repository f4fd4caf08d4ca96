"""The samples of a prepared dataset, memory-mapped."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ravetui.engine.data.index import AUDIO, Segment, Split, check_audio, read_index

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

AMPLITUDE_STEP = 2.0**-15
"""Amplitude of one int16 step."""


class Dataset:
    """A prepared dataset, open for reading; nothing is loaded until a crop is asked for.

    Args:
        folder: The dataset's folder.

    Raises:
        DataError: There is none, or it is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = read_index(folder)
        self.verify()

    def __reduce__(self) -> tuple[type[Dataset], tuple[Path]]:
        """Pickled as its folder: another process maps the file itself."""
        return type(self), (self.folder,)

    @cached_property
    def _samples(self) -> NDArray[np.int16]:
        """Of all segments, (frames, channels), mapped when the first is read: the index alone needs no numpy."""
        import numpy as np

        return np.memmap(self.folder / AUDIO, "<i2", "r").reshape(-1, self.index.channels)

    def verify(self) -> None:
        """See that the samples are all there, by the file's size.

        Raises:
            DataError: ``audio.i16`` is missing, too short or too long.
        """
        check_audio(self.folder, self.index)

    def segments(self, split: Split) -> list[tuple[int, Segment]]:
        """The continuous stretches of one split, each with its number in the dataset."""
        return [(number, segment) for number, segment in enumerate(self.index.segments) if segment.split == split]

    def crop(self, segment: int, start: int, frames: int) -> NDArray[np.float32]:
        """Audio of a segment, amplitudes from -1 to 1.

        Args:
            segment: Its number in the dataset.
            start: First frame, counted from the segment's beginning.
            frames: How many.

        Returns:
            A new array, (channels, frames).

        Raises:
            IndexError: The segment does not reach that far.
        """
        import numpy as np

        whole = self.index.segments[segment]
        if start < 0 or frames < 0 or start + frames > whole.frames:
            raise IndexError(f"frames {start} to {start + frames} of a segment of {whole.frames}")
        first = whole.offset + start
        audio = np.empty((self.index.channels, frames), np.float32)
        np.multiply(self._samples[first : first + frames].T, np.float32(AMPLITUDE_STEP), out=audio)
        return audio

    def raw(self, first: int, frames: int) -> NDArray[np.int16]:
        """A copy of the samples of all segments, (frames, channels), int16, from a frame of the whole file on."""
        return self._samples[first : first + frames].astype("i2")
