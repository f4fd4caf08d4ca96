"""Two checkpoints on the same inputs: better, worse, or not to be told apart at this size."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import ScoreError
from ravetui.metrics.blocks import file_blocks, need_files
from ravetui.metrics.embeddings import EmbeddingSet
from ravetui.metrics.fad import fad_without_blocks
from ravetui.metrics.gram import stream
from ravetui.metrics.interval import BLOCKS, NORMAL_975, Estimate, bootstrap_weights
from ravetui.metrics.kernel_sums import KernelSums
from ravetui.metrics.kid import cubic
from ravetui.metrics.side import EXACT, Side

NORMAL_80 = 0.841621
"""80 % quantile of the standard normal distribution: the power that `clips_needed` aims at."""
FLIPS = 2000
FAR = 100
"""More than so many times the clips is as good as never."""

Verdict = Literal["better", "worse", "cannot tell"]


@dataclass(frozen=True)
class Difference:
    """How a metric that should be low changed from one checkpoint to another."""

    value: float
    """Second less first: below 0 the second is better."""
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""
    p: float | None
    """Probability of a difference at least as large by chance; None where only the interval is known."""
    n_files: int
    """How many inputs both were given."""

    @property
    def verdict(self) -> Verdict:
        """What can be said of the second checkpoint."""
        sure = self.low > 0 or self.high < 0
        if not sure or (self.p is not None and self.p > 0.05):
            return "cannot tell"
        return "better" if self.value < 0 else "worse"

    @property
    def clips_needed(self) -> int | None:
        """About how many inputs would settle it, at 80 % power; None: it is settled, or no number would."""
        if self.verdict != "cannot tell":
            return None
        se = (self.high - self.low) / (2 * NORMAL_975)
        if not self.value or not math.isfinite(ratio := (NORMAL_975 + NORMAL_80) * se / abs(self.value)):
            return None
        factor = max(ratio**2, 1.0)
        return None if factor > FAR else max(self.n_files + 1, math.ceil(factor * self.n_files))

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        if self.verdict != "cannot tell":
            return self.verdict
        needed = self.clips_needed
        how = f"about {needed} would" if needed else "no number that can be had would"
        return f"cannot tell at {self.n_files} clips; {how}"


def kid_difference(before: EmbeddingSet, after: EmbeddingSet, reference: EmbeddingSet, seed: int) -> Difference:
    """Change of KID between two checkpoints that were given the same inputs.

    The interval draws inputs again, for both checkpoints alike, and the reference for both alike; what the two have in
    common cancels. The p-value swaps the two checkpoints' outputs of an input at random.

    Args:
        before: The earlier checkpoint's windows; its file numbers are those of the inputs.
        after: The later one's, of the same inputs.
        reference: What both should be like.
        seed: The same seed gives the same result.

    Raises:
        ScoreError: The inputs differ or are fewer than four, or a set holds a zero vector.
    """
    files = _same_inputs(before, after)
    need_files(reference.files)
    blocks = min(BLOCKS // 2, len(files))
    pooled, count = _pooled(before, after, blocks)
    other = Side.of(reference.values, reference.files, BLOCKS, exact=pooled.unit.dtype == np.float64)
    sums = KernelSums(pooled, other, cubic)
    stream(pooled, other, [sums])

    def change(first: NDArray[np.float64], second: NDArray[np.float64], of: NDArray[np.float64]) -> NDArray[np.float64]:
        """From weights of the pooled blocks for either checkpoint (R, 2B), and of the reference's (R, C)."""
        one, two = (sums.within_mean(0, part) - 2 * sums.between_mean(part, of) for part in (first, second))
        return two - one

    ones, all_reference = np.ones((1, count)), np.ones((1, len(other.sizes)))
    none = np.zeros_like(ones)
    value = float(change(np.hstack([ones, none]), np.hstack([none, ones]), all_reference)[0])
    drawn = bootstrap_weights(count, seed)
    zeros = np.zeros_like(drawn)
    resampled = change(
        np.hstack([drawn, zeros]), np.hstack([zeros, drawn]), bootstrap_weights(len(other.sizes), seed + 1)
    )
    interval = Estimate.from_resamples(value, resampled)
    keep = np.random.default_rng(seed).integers(0, 2, (FLIPS, count)).astype(np.float64)
    flipped = change(np.hstack([keep, 1 - keep]), np.hstack([1 - keep, keep]), np.repeat(all_reference, FLIPS, axis=0))
    p = (1 + np.count_nonzero(np.abs(flipped) >= abs(value) * (1 - 1e-12))) / (1 + FLIPS)
    return Difference(value, interval.low, interval.high, float(p), len(files))


def fad_difference(before: EmbeddingSet, after: EmbeddingSet, reference: EmbeddingSet) -> Difference:
    """Change of FAD between two checkpoints that were given the same inputs; its bias is the same in both and cancels.

    The interval leaves out blocks of inputs, of both checkpoints at once, and blocks of the reference.

    Raises:
        ScoreError: The inputs differ or are fewer than four, or values are not finite.
    """
    files = _same_inputs(before, after)
    first, second = (
        fad_without_blocks(part.values, reference.values, part.files, reference.files) for part in (before, after)
    )
    assert first.of_y is not None and second.of_y is not None
    value = second.full - first.full
    variance = 0.0
    for one, two in ((first.of_x, second.of_x), (first.of_y, second.of_y)):
        left = two[0] - one[0]
        variance += (len(left) - 1) / len(left) * float(((left - left.mean()) ** 2).sum())
    estimate = Estimate.from_se(value, math.sqrt(variance), min(len(first.of_x[0]), len(first.of_y[0])) - 1)
    return Difference(value, estimate.low, estimate.high, None, len(files))


def _same_inputs(before: EmbeddingSet, after: EmbeddingSet) -> NDArray[np.int64]:
    files, counts = np.unique(before.files, return_counts=True)
    others, other_counts = np.unique(after.files, return_counts=True)
    if not (np.array_equal(files, others) and np.array_equal(counts, other_counts)):
        raise ScoreError(
            "Not the same inputs",
            "The two checkpoints were scored on different clips, so they cannot be compared in pairs.",
            "Score both again with the same settings.",
        )
    need_files(files)
    return files


def _pooled(before: EmbeddingSet, after: EmbeddingSet, blocks: int) -> tuple[Side, int]:
    """Both checkpoints as one side whose first blocks are the earlier's and whose others are the later's.

    Block b and block b + count hold the same inputs.
    """
    block_of = {
        int(file): int(block) for file, block in zip(before.files, file_blocks(before.files, blocks), strict=True)
    }
    count = 1 + max(block_of.values())
    values = np.concatenate([before.values, after.values])
    # The two outputs of one input are two files: no weighting ever pairs them, since it takes one of the two blocks.
    files = np.concatenate([before.files, after.files + before.files.max() + 1])
    own = np.array([block_of[int(file)] for file in np.concatenate([before.files, after.files])])
    own[len(before.files) :] += count
    return Side.laid(values, files, own, exact=len(values) <= EXACT), count
