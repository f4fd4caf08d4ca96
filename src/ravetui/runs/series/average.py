"""Exponential smoothing carried from block to block: what it is in any one block costs that block alone.

The debiased moving average over the finite values: ``s_k = a·s_{k−1} + (1 − a)·y_k``, ``s_0 = 0``, reported as
``s_k / (1 − a^k)`` (Kingma and Ba 2015, section 3), where k counts finite values only: a NaN or ±Inf stays a gap and
changes no neighbour.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.series.extremes import BLOCK, Extremes, GrowingExtremes
from ravetui.runs.series.growing import Growing

_AT_ONCE = 1024
"""Blocks worked on together: half a megabyte stays in the cache."""

_ROUNDS = 8
"""So often all blocks that began wrongly are gone over together."""

Floats = NDArray[np.float64]


class GrowingAverage:
    """The average of a growing curve at the beginning of each whole block, and its extremes inside.

    Args:
        decay: The a above, 0 < a < 1.
    """

    def __init__(self, decay: float) -> None:
        self.decay = decay
        self._carry, self._before = Growing(np.float64), Growing(np.int32)
        self._carry.extend(np.zeros(1))
        self._before.extend(np.zeros(1, dtype=np.int32))
        self._extremes = GrowingExtremes(np.dtype(np.float64))

    def __len__(self) -> int:
        return len(self._extremes)

    @property
    def carry(self) -> Floats:
        """``s`` before each whole block and after the last, shape (blocks + 1,)."""
        return self._carry.view

    @property
    def before(self) -> NDArray[np.int32]:
        """How many finite values come before each, shape (blocks + 1,)."""
        return self._before.view

    def extend(self, blocks: NDArray[Any]) -> None:
        """Go on over more whole blocks, shape (blocks, 64).

        All blocks of a batch advance together, one value each at a time, from a guess of what came before each. A guess
        that was wrong in its last digits is put right by what the block before ends with, until none is: the result is
        that of the plain recursion to the last bit, however many blocks come at once.
        """
        powers = [self.decay**count for count in range(BLOCK + 1)]
        for start in range(0, len(blocks), _AT_ONCE):
            values = blocks[start : start + _AT_ONCE].T.astype(np.float64, order="C")
            finite = np.count_nonzero(np.isfinite(values), axis=0)
            states = advance(values, np.zeros(values.shape[1]), self.decay)
            carry = self._guess(states[-1], finite, powers)
            states = advance(values, carry, self.decay)
            self._settle(values, states, carry)
            before = self._before.view[-1] + np.concatenate(([0], np.cumsum(finite)))
            self._carry.extend(states[-1])
            self._before.extend(before[1:])
            self._extremes.extend(debiased(states, values, before[:-1], self.decay).T)

    def _settle(self, values: Floats, states: Floats, carry: Floats) -> None:
        """Put right, in place, every block that began from another ``s`` than the one before ends with."""
        for _ in range(_ROUNDS):
            wrong = np.flatnonzero(states[-1, :-1] != carry[1:]) + 1
            if not wrong.size:
                return
            carry[wrong] = states[-1, wrong - 1]
            states[:, wrong] = advance(values[:, wrong], carry[wrong], self.decay)
        # Two averages of a constant may stay a last digit apart for ever: then one value after the other, as defined.
        again = (values[:, 1:] == values[:, :-1]).all(axis=0)
        for block in range(1, values.shape[1]):
            if states[-1, block - 1] != carry[block]:
                if again[block - 1] and states[-1, block - 1] == carry[block - 1]:
                    carry[block], states[:, block] = carry[block - 1], states[:, block - 1]
                    continue
                state = carry[block] = float(states[-1, block - 1])
                own = np.isfinite(values[:, block])
                along = []
                for value in (np.where(own, values[:, block], 0.0) * (1.0 - self.decay)).tolist() if own.all() else ():
                    state = state * self.decay + value
                    along.append(state)
                states[:, block] = along or advance(values[:, [block]], carry[[block]], self.decay)[:, 0]

    def _guess(self, own: Floats, finite: NDArray[np.intp], powers: list[float]) -> Floats:
        """``s`` before each block, from what each would end with if it were the first; shapes (blocks,)."""
        state, carried = float(self._carry.view[-1]), []
        for part, count in zip(own.tolist(), finite.tolist(), strict=True):
            carried.append(state)
            state = powers[count] * state + part
        return np.array(carried)

    def cut(self, blocks: int) -> None:
        """Forget all but the first blocks."""
        self._extremes.cut(blocks)
        self._carry.cut(blocks + 1)
        self._before.cut(blocks + 1)

    def first(self, blocks: int) -> Extremes:
        """Of the debiased average, for so many blocks from the beginning on."""
        return self._extremes.first(blocks)


def averaged(values: Floats, carry: Floats, before: NDArray[np.int32], decay: float) -> Floats:
    """The debiased average along many blocks at once.

    Args:
        values: A column a block, shape (64, blocks).
        carry: ``s`` before each, shape (blocks,).
        before: How many finite values come before each, shape (blocks,).
        decay: The a of the average.

    Returns:
        Shape (64, blocks), NaN where a value is not finite.
    """
    return debiased(advance(values, carry, decay), values, before, decay)


def advance(values: Floats, carry: Floats, decay: float) -> Floats:
    """``s`` after each value, shape (64, blocks); after one that is not finite it is what it was."""
    finite = np.isfinite(values)
    whole = bool(finite.all())
    added = (values if whole else np.where(finite, values, 0.0)) * (1.0 - decay)
    states, state = np.empty_like(values), carry
    for row in range(len(values)):
        following = np.multiply(state, decay, out=states[row])
        following += added[row]
        if not whole:
            np.copyto(following, state, where=~finite[row])
        state = following
    return states


def debiased(states: Floats, values: Floats, before: NDArray[np.int32], decay: float) -> Floats:
    """What is reported of ``s``, in its place; shapes as in :func:`averaged`."""
    finite = np.isfinite(values)
    # Once decay^k is below half an ulp of 1 the correction changes nothing.
    young = np.flatnonzero(before < math.ceil(-40.0 / math.log(decay)))
    if young.size:
        count = before[young] + np.cumsum(finite[:, young], axis=0)
        states[:, young] /= -np.expm1(np.maximum(count, 1) * math.log(decay))
    states[~finite] = np.nan
    return states
