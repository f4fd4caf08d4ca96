"""Where the points of a curve stand: ascending numbers, searched without being copied."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Positions:
    """``(base − origin) / unit`` of an ascending array, shape (n,): steps as steps, as epochs, moments as hours.

    Args:
        base: Shape (n,), ascending, integers or floats; kept, not copied.
        origin: Where zero is.
        unit: How much of the base is one; positive.
        token: What stands for the base; two positions of one token and length are the same. Itself if not given.
    """

    def __init__(self, base: NDArray[Any], *, origin: float = 0.0, unit: float = 1.0, token: object = None) -> None:
        self.base = base
        self._origin, self._unit = float(origin), float(unit)
        self._token = base if token is None else token

    @property
    def size(self) -> int:
        """How many."""
        return self.base.size

    def __len__(self) -> int:
        return self.base.size

    def __getitem__(self, index: int) -> float:
        return float(self.at(np.asarray(index)))

    def __array__(self, dtype: object = None, copy: bool | None = None) -> Floats:
        return self._placed(self.base)

    def at(self, indices: NDArray[np.intp]) -> Floats:
        """Those of some points, shape of the indices."""
        return self._placed(self.base[indices])

    def along(self, *, origin: float = 0.0, unit: float = 1.0) -> "Positions":
        """The same points on another axis of the same base."""
        return Positions(self.base, origin=origin, unit=unit, token=self._token)

    def search(self, wanted: Floats, side: Literal["left", "right"] = "left") -> NDArray[np.intp]:
        """As numpy's searchsorted, shape of ``wanted``, which must be finite."""
        key = self._unplaced(np.asarray(wanted, dtype=np.float64), side)
        if self.base.dtype.kind == "f":
            return np.searchsorted(self.base, key, "left")
        limits = np.iinfo(self.base.dtype)
        # Numpy would convert the whole array for a key of another type.
        found = np.searchsorted(self.base, np.clip(key, limits.min, limits.max).astype(self.base.dtype), "left")
        return np.where(key > limits.max, self.base.size, found)

    def same_as(self, other: "Positions") -> bool:
        """Whether these are the same numbers."""
        if (self._origin, self._unit, self.size) != (other._origin, other._unit, other.size):
            return False
        return self._token is other._token or bool(np.array_equal(self.base, other.base))

    def _placed(self, base: NDArray[Any]) -> Floats:
        floats = base.astype(np.float64)
        if self._origin:
            floats -= self._origin
        if self._unit != 1.0:
            floats /= self._unit
        return floats

    def _unplaced(self, wanted: Floats, side: Literal["left", "right"]) -> NDArray[Any]:
        """The smallest number of the base's kind that is placed at or beyond ``wanted`` (beyond, for the right side).

        What the inverse gives is wrong in its last digit now and then: it is put right by what the forward way gives.
        """
        whole = self.base.dtype.kind != "f"
        rough = wanted * self._unit + self._origin
        key: NDArray[Any] = np.clip(np.ceil(rough), -(2.0**62), 2.0**62).astype(np.int64) if whole else rough
        reached = np.greater if side == "right" else np.greater_equal
        while (high := reached(self._placed(before := _neighbour(key, -1)), wanted)).any():
            key = np.where(high, before, key)
        while (low := ~reached(self._placed(key), wanted)).any():
            key = np.where(low, _neighbour(key, 1), key)
        return key


def _neighbour(numbers: NDArray[Any], by: int) -> NDArray[Any]:
    if numbers.dtype.kind == "f":
        return np.asarray(np.nextafter(numbers, by * np.inf))
    moved: NDArray[Any] = numbers + by
    return moved
