"""An array at whose end numbers are added."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_SLACK = 8
"""A full array is made larger by one part in so many: a long curve may not cost twice its size in memory."""
_FIRST = 256


class Growing:
    """One-dimensional and appended to; a view that was taken of it never changes.

    Args:
        kind: What its elements are.
    """

    def __init__(self, kind: DTypeLike) -> None:
        self._buffer: NDArray[Any] = np.empty(0, dtype=kind)
        self._count = 0
        self.token = object()
        """The same for as long as the array only grows: two views of one token differ in length alone."""

    def __len__(self) -> int:
        return self._count

    @property
    def view(self) -> NDArray[Any]:
        """All of it so far, shape (n,)."""
        return self._buffer[: self._count]

    def reserve(self, count: int) -> None:
        """Make room for so many elements in all."""
        if count > len(self._buffer):
            larger = np.empty(count, dtype=self._buffer.dtype)
            larger[: self._count] = self.view
            self._buffer = larger

    def extend(self, values: NDArray[Any]) -> None:
        """Add values, shape (m,), at the end; they are converted."""
        needed = self._count + len(values)
        if needed > len(self._buffer):
            self.reserve(max(needed, len(self._buffer) + len(self._buffer) // _SLACK, _FIRST))
        self._buffer[self._count : needed] = values
        self._count = needed

    def cut(self, count: int) -> None:
        """Take away what comes after the first ``count`` elements; views of before keep theirs."""
        if count < self._count:
            self._buffer, self._count, self.token = self._buffer[:count].copy(), count, object()
