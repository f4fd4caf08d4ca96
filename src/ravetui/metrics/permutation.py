"""How often chance alone makes two sets differ so much: permutation tests over blocks of whole files."""

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.kernel_sums import KernelSums
from ravetui.metrics.pairs import within_mean

PERMUTATIONS = 500


def p_value(sums: KernelSums, seed: int, permutations: int = PERMUTATIONS) -> float:
    """Probability of a discrepancy at least as large if both sets came from one distribution (Gretton et al. 2012).

    Blocks of files change sides at random, as many as there are on each. The kernel is not computed again: a
    permutation costs one row of a matrix product.

    Args:
        sums: Of blocks of files; they have seen all pairs.
        seed: The same seed gives the same value.
        permutations: Of the blocks of both sets.

    Returns:
        Between 1 / (permutations + 1) and 1; small: the sets differ. Fewer blocks than about ten allow few distinct
        permutations, and so no small value.
    """
    kernel, pairs = sums.pooled()
    first, every = len(sums.x.sizes), len(kernel)
    random = np.random.default_rng(seed)
    chosen = np.zeros((permutations + 1, every))
    chosen[0, :first] = 1
    for row in chosen[1:]:
        row[random.permutation(every)[:first]] = 1
    found = _discrepancy(kernel, pairs, chosen)
    # Rounding must not make the identity, drawn again, smaller than itself.
    at_least = np.count_nonzero(found[1:] >= found[0] - 1e-12 * abs(found[0]))
    return float((1 + at_least) / (1 + permutations))


def _discrepancy(
    kernel: NDArray[np.float64], pairs: NDArray[np.float64], chosen: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Squared discrepancy of the chosen blocks and the others, for each choice (R, B) of 0 and 1: (R,)."""
    others = 1 - chosen
    between = ((chosen @ kernel) * others).sum(axis=1) / ((chosen @ pairs) * others).sum(axis=1)
    return np.asarray(within_mean(kernel, pairs, chosen) + within_mean(kernel, pairs, others) - 2 * between)
