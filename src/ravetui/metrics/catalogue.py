"""Which metrics and embedders exist, in words: read by the screen, so it imports nothing heavy."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class MetricInfo:
    """How to show and read one metric."""

    name: str
    """Its key in a score."""
    label: str
    """Short enough for a column."""
    unit: str
    """Empty when the number has none."""
    better: Literal["lower", "higher", "reference"]
    """``reference``: the best value is the reference set's own."""
    sentence: str
    """What it says, in one sentence."""
    format: str
    """A format specification: ``format(value, info.format)``."""
    compares: Literal["sets", "pairs"] = "sets"
    """Sets with each other, or each reconstruction with its own original."""


@dataclass(frozen=True)
class EmbedderInfo:
    """How to show one embedder."""

    name: str
    label: str
    sentence: str


METRICS: dict[str, MetricInfo] = {
    info.name: info
    for info in (
        MetricInfo(
            "fad",
            "FAD",
            "",
            "lower",
            "Fréchet distance between the two sets seen as Gaussians, as other tools print it: too high by an amount "
            "that shrinks with the number of windows.",
            ".3f",
        ),
        MetricInfo(
            "fad_corrected",
            "FAD corrected",
            "",
            "lower",
            "FAD with its sample-size bias taken out by a jackknife over files: 0 on average for equal distributions, "
            "so it can be slightly negative.",
            ".3f",
        ),
        MetricInfo(
            "kid",
            "KID",
            "×10⁻³",
            "lower",
            "Squared distance of the two sets under the kernel (1 + cosine)³, unbiased at any size: 0 on average for "
            "equal distributions, so it can be slightly negative.",
            ".1f",
        ),
        MetricInfo(
            "kad",
            "KAD",
            "×10⁻²",
            "lower",
            "Squared distance of the two sets under a Gaussian kernel as wide as the reference's median distance, "
            "unbiased at any size.",
            ".2f",
        ),
        MetricInfo(
            "precision",
            "precision",
            "",
            "reference",
            "Part of the windows that lie among the reference, within reach of one of its windows: 1 is all.",
            ".2f",
        ),
        MetricInfo(
            "recall",
            "recall",
            "",
            "reference",
            "Part of the reference windows that lie among the scored ones: what they could have been.",
            ".2f",
        ),
        MetricInfo(
            "density",
            "density",
            "",
            "reference",
            "How thick with reference windows the places are where the scored ones lie; about 1 for equal sets.",
            ".2f",
        ),
        MetricInfo(
            "coverage",
            "coverage",
            "",
            "reference",
            "Part of the reference windows that have a scored one near them: how much of it is covered.",
            ".2f",
        ),
        MetricInfo(
            "near_duplicates",
            "duplicates",
            "",
            "lower",
            "Part of the windows with another file's window so near that they count as the same sound.",
            ".2f",
        ),
        MetricInfo(
            "vendi",
            "Vendi",
            "sounds",
            "reference",
            "Effective number of distinct windows: 1 when all are the same, n when none resembles another.",
            ".1f",
        ),
        MetricInfo(
            "vendi_ratio",
            "Vendi / ref.",
            "",
            "reference",
            "Vendi score over that of as many reference windows: below 1 the set is less varied than the reference.",
            ".2f",
        ),
        MetricInfo(
            "mean_distance",
            "distance",
            "",
            "reference",
            "Mean cosine distance of two windows of different files: 0 when all point the same way.",
            ".3f",
        ),
        MetricInfo(
            "distance_ratio",
            "distance / ref.",
            "",
            "reference",
            "Mean distance over that of as many reference windows: below 1 the set is less varied than the reference.",
            ".2f",
        ),
        MetricInfo(
            "memorised",
            "memorised",
            "",
            "lower",
            "Part of the windows that are nearer to the training audio than all but 5 % of the reference: 0.05 is "
            "innocent.",
            ".2f",
        ),
        MetricInfo(
            "paired_distance",
            "paired",
            "",
            "lower",
            "Mean cosine distance of each reconstruction from its own original: pairs, not sets.",
            ".3f",
            "pairs",
        ),
        MetricInfo(
            "recognised",
            "recognised",
            "",
            "higher",
            "Part of the reconstructions whose nearest original is their own.",
            ".2f",
            "pairs",
        ),
        MetricInfo(
            "spectral_distance",
            "spectral",
            "",
            "lower",
            "Multi-scale spectral distance of each reconstruction from its own original, in the mean.",
            ".2f",
            "pairs",
        ),
        MetricInfo(
            "kid_compat",
            "KID as torch-fidelity",
            "",
            "lower",
            "What torch-fidelity prints: 100 subsets of 1000 with a kernel divided by d: nearly blind to collapse.",
            ".2e",
        ),
        MetricInfo(
            "drumgan_mmd",
            "MMD as DrumGAN",
            "",
            "lower",
            "What DrumGAN prints: inverse multiquadric kernel, too high by 2/(n-1); only to compare with its numbers.",
            ".4f",
        ),
    )
}

EMBEDDERS: dict[str, EmbedderInfo] = {
    info.name: info
    for info in (
        EmbedderInfo(
            "mel",
            "mel (log-mel statistics, not CLAP)",
            "Mean and spread of 32 mel bands a second: hears colour, noise and bandwidth, knows nothing of music.",
        ),
        EmbedderInfo(
            "clap",
            "CLAP (LAION music_audioset, audio half)",
            "What a network learnt that matches music with its descriptions, ten seconds at a time, up to 14 kHz.",
        ),
        EmbedderInfo(
            "timbre",
            "timbre (seven AudioCommons attributes)",
            "Hardness, depth, brightness, roughness, warmth, sharpness and boominess, 0 to 100, of four seconds each.",
        ),
    )
}
