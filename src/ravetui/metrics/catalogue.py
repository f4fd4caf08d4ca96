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
