"""The numbers of one tag of one event file, in the order in which they were written."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Part = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]


class Column:
    """Steps, times and values that grow."""

    def __init__(self) -> None:
        self._step = np.empty(0, np.int64)
        self._time = np.empty(0)
        self._value = np.empty(0)
        self._count = 0
        self._parts: list[Part] = []

    def __len__(self) -> int:
        return self._count + sum(len(part[0]) for part in self._parts)

    @property
    def step(self) -> NDArray[np.int64]:
        """Of each number; a view."""
        return self._step[: self._count]

    @property
    def time(self) -> NDArray[np.float64]:
        """Unix time of each number, seconds; a view."""
        return self._time[: self._count]

    @property
    def value(self) -> NDArray[np.float64]:
        """The numbers; a view."""
        return self._value[: self._count]

    def add(
        self,
        order: NDArray[np.int64],
        step: NDArray[np.int64],
        time: NDArray[np.float64],
        value: NDArray[np.float64],
    ) -> None:
        """Take numbers of one stretch of the file; :meth:`settle` puts them in order.

        Args:
            order: Which record of the stretch each comes from.
        """
        self._parts.append((order, step, time, value))

    def settle(self, restarts: Sequence[tuple[int, int]] = ()) -> None:
        """Append what was taken since the last time, in the order of the file.

        Args:
            restarts: Records at which the writer took back what came before them, and from which step on.
        """
        for _, first in restarts:
            self._cut(first)
        if not self._parts:
            return
        order, step, time, value = (np.concatenate(items) for items in zip(*self._parts, strict=True))
        self._parts = []
        if len(order) > 1 and (np.diff(order) < 0).any():
            right = np.argsort(order, kind="stable")
            step, time, value = step[right], time[right], value[right]
            order = order[right]
        for record, first in restarts:
            kept = (order > record) | (step < first)
            order, step, time, value = order[kept], step[kept], time[kept], value[kept]
        needed = self._count + len(step)
        if needed > len(self._step):
            room = max(needed, self._count + self._count // 2, 256)
            self._step, self._time, self._value = (
                _longer(kept, self._count, room) for kept in (self._step, self._time, self._value)
            )
        self._step[self._count : needed] = step
        self._time[self._count : needed] = time
        self._value[self._count : needed] = value
        self._count = needed

    def _cut(self, step: int) -> None:
        """Leave out what has been settled with this step or a later one."""
        kept = self.step < step
        if not kept.all():
            self._step, self._time, self._value = self.step[kept], self.time[kept], self.value[kept]
            self._count = len(self._step)


def _longer(kept: NDArray[Any], count: int, room: int) -> NDArray[Any]:
    made = np.empty(room, kept.dtype)
    made[:count] = kept[:count]
    return made
