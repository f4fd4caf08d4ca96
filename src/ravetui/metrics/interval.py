"""How sure a number is: 95 % intervals that know windows of one file are alike."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError

RESAMPLES = 1000
BLOCKS = 256
"""Most blocks that a bootstrap draws from; more files share blocks, which bounds memory and changes little else."""
NORMAL_975 = 1.959964
"""97.5 % quantile of the standard normal distribution."""


@dataclass(frozen=True)
class Estimate:
    """A number with its uncertainty."""

    value: float
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""
    se: float
    """Standard error."""

    @classmethod
    def from_se(cls, value: float, se: float, degrees: int) -> "Estimate":
        """A symmetric interval from a standard error with `degrees` of freedom behind it."""
        reach = student_975(degrees) * se
        return cls(value, value - reach, value + reach, se)

    @classmethod
    def from_resamples(cls, value: float, resampled: NDArray[np.float64]) -> "Estimate":
        """A percentile interval from the statistic of each bootstrap resample, (R,), NaN where it has none.

        Raises:
            ScoreError: Most resamples have none.
        """
        finite = resampled[np.isfinite(resampled)]
        if 2 * len(finite) < len(resampled):
            raise ScoreError("Too few", "The files differ too little to tell an uncertainty.", "Render more samples.")
        low, high = np.quantile(finite, [0.025, 0.975])
        return cls(value, float(low), float(high), float(finite.std(ddof=1)))


def student_975(degrees: int) -> float:
    """97.5 % quantile of Student's t (Abramowitz & Stegun 26.7.5), within 1 % from 3 degrees of freedom up.

    A handful of files gives a standard error that is itself uncertain; the normal's 1.96 would promise too much.
    """
    z = NORMAL_975
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / degrees + second / degrees**2 + third / degrees**3


@lru_cache(8)
def bootstrap_weights(blocks: int, seed: int) -> NDArray[np.float64]:
    """How often each block is drawn in each resample (Efron 1979, on blocks of files instead of windows).

    Args:
        blocks: How many blocks there are.
        seed: The same seed gives the same resamples.

    Returns:
        Counts that sum to `blocks` in each row, (1000, blocks).
    """
    drawn = np.random.default_rng(seed).multinomial(blocks, np.full(blocks, 1 / blocks), size=RESAMPLES)
    weights = drawn.astype(np.float64)
    weights.flags.writeable = False  # a dozen metrics of a score share the draws of a seed
    return weights
