"""Which windows and files drive a kernel distance (Gretton et al. 2012, section 2.3: the witness function)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ravetui.metrics.kernel_sums import KernelSums


@dataclass(frozen=True)
class Witness:
    """How much each window adds to the distance.

    Positive: there are more sounds like this one in its own set than in the other, so the distance comes from here.
    Negative: the other set has more of them. The means over both sets add up to the squared discrepancy.
    """

    windows: NDArray[np.float64]
    """Of the judged set, (n,)."""
    reference_windows: NDArray[np.float64]
    """Of the reference, (m,): positive ones are sounds that the judged set lacks."""


def witness(sums: KernelSums) -> Witness:
    """Each window's mean kernel with the other files of its set, less that with the other set.

    A window whose set has no other file adds nothing that can be told: 0.

    Args:
        sums: They have seen all pairs.
    """
    own, other = sums.row_means(0)
    reference_own, reference_other = sums.row_means(1)
    return Witness(np.nan_to_num(own - other), np.nan_to_num(reference_own - reference_other))


def by_file(values: NDArray[np.float64], files: NDArray[np.int64]) -> dict[int, float]:
    """The mean of each file, what drives the distance first.

    Args:
        values: One number a window, (n,).
        files: Which file each window came from, (n,).
    """
    names, of = np.unique(files, return_inverse=True)
    means = np.bincount(of, weights=values) / np.bincount(of)
    return {int(names[index]): float(means[index]) for index in np.argsort(-means, kind="stable")}
