"""Which curves belong on one chart."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ravetui.app.judged import RATING_TAG, is_judged, score_tag
from ravetui.metrics.catalogue import EMBEDDERS, METRICS


@dataclass(frozen=True)
class Curve:
    """One line of a chart."""

    tag: str
    label: str
    role: str
    """Colour, as the chart names it."""
    markers: bool = False
    """Few measurements rather than one a step."""


@dataclass(frozen=True)
class CurveGroup:
    """Curves of one unit, drawn over one another."""

    title: str
    curves: tuple[Curve, ...]
    empty: str
    """What is said before anything was measured."""
    since: int = 1
    """The phase in which its curves begin."""
    rare: bool = False
    """Whether most runs never have any of it: it is there once something was measured."""
    scores: tuple[str, str] | None = None
    """The metric and the embedder whose scores it shows, against whatever reference."""

    @property
    def tags(self) -> tuple[str, ...]:
        """What its curves are made of."""
        return tuple(curve.tag for curve in self.curves)

    @property
    def is_judged(self) -> bool:
        """Whether it shows what was said of checkpoints: nothing to wait for, so it is there once something was."""
        return all(map(is_judged, self.tags))


_LATER = "nothing yet: the trainer writes a point a step"
_LOOKS = "nothing yet: the trainer looks every ten seconds what it uses"
_NO_GPU = "nothing yet: the trainer computes on no GPU, or nvidia-smi tells nothing of it"
_NO_CODES = "nothing yet: validation counts the codes of a discrete latent once it has as many frames as codes"
_ADVERSARIAL = "nothing yet: these begin with phase 2"


def _distance(tag: str, validation: str) -> CurveGroup:
    lines = (Curve(tag, "train", "loss-train"), Curve(validation, "validation", "loss-validation", markers=True))
    return CurveGroup(tag, lines, _LATER)


def _scores(metric: str, embedder: str) -> CurveGroup:
    """One metric: against held-out audio, and against what it was trained on."""
    name, unit = METRICS[metric].label, METRICS[metric].unit
    lines = (
        Curve(score_tag(metric, embedder, "validation"), "against validation", "run-3", markers=True),
        Curve(score_tag(metric, embedder, "train"), "against train", "run-6", markers=True),
    )
    title = f"{name} {unit} · {embedder}" if unit.startswith("×") else f"{name} · {embedder}"
    return CurveGroup(title, lines, "nothing yet: e scores the selected checkpoint", scores=(metric, embedder))


GROUPS: tuple[CurveGroup, ...] = (
    _distance("fullband_spectral_distance", "validation"),
    _distance("multiband_spectral_distance", "validation_multiband"),
    CurveGroup("regularization", (Curve("regularization", "KL", "loss-train"),), _LATER),
    CurveGroup(
        "latent dimensions for the variance",
        (
            *(
                Curve(f"fidelity_{share}", f"{float(share):.0%}", f"run-{number}", markers=True)
                for number, share in enumerate(("0.99", "0.95", "0.9", "0.8"), 1)
            ),
            Curve("kl_active", "KL above 0", "run-5", markers=True),
        ),
        "nothing yet: validation analyses the latent once it has as many frames as dimensions",
    ),
    CurveGroup("loss", (Curve("loss", "generator's sum", "loss-train"),), _LATER),
    CurveGroup("feature_matching", (Curve("feature_matching", "train", "loss-train"),), _ADVERSARIAL, since=2),
    CurveGroup("adversarial", (Curve("adversarial", "generator", "loss-train"),), _ADVERSARIAL, since=2),
    CurveGroup(
        "discriminator",
        (
            Curve("loss_dis", "loss", "run-4"),
            Curve("pred_real", "real", "run-3"),
            Curve("pred_fake", "fake", "run-5"),
        ),
        _ADVERSARIAL,
        since=2,
    ),
    CurveGroup(
        "gradient penalty",
        (Curve("gradient_penalty", "R1, part of the discriminator's loss", "loss-train"),),
        "nothing yet: R1 is off, or phase 2 has not begun",
        since=2,
        rare=True,
    ),
    CurveGroup(
        "codes in use, share",
        (
            Curve("codebook_usage", "mean over codebooks", "loss-train", markers=True),
            Curve("codebook_usage_worst", "worst codebook", "loss-validation", markers=True),
        ),
        _NO_CODES,
        rare=True,
    ),
    CurveGroup(
        "codebook perplexity",
        (
            Curve("codebook_perplexity", "mean over codebooks", "loss-train", markers=True),
            Curve("codebook_perplexity_worst", "worst codebook", "loss-validation", markers=True),
        ),
        _NO_CODES,
        rare=True,
    ),
    CurveGroup(
        "seconds a step",
        (Curve("step_seconds", "step", "loss-train"), Curve("data_seconds", "waiting for data", "loss-validation")),
        _LATER,
    ),
    CurveGroup(
        "seconds an epoch",
        (
            Curve("epoch_seconds", "whole epoch", "loss-train", markers=True),
            Curve("epoch_validation_seconds", "its validations", "loss-validation", markers=True),
        ),
        "nothing yet: the trainer writes a point at the end of each epoch",
    ),
    CurveGroup("learning rate", (Curve("learning_rate", "encoder and generator", "loss-train"),), _LATER),
    CurveGroup("GPU, %", (Curve("gpu_percent", "computing", "loss-train"),), _NO_GPU),
    CurveGroup(
        "GPU memory, bytes",
        (
            Curve("gpu_memory_bytes", "in use", "loss-train"),
            Curve("gpu_reserved_bytes", "of it torch's", "loss-validation"),
            Curve("gpu_total_bytes", "there is", "run-8"),
        ),
        _NO_GPU,
    ),
    CurveGroup(
        "CPU cores",
        (Curve("cpu_cores", "busy", "loss-train"), Curve("cpu_total_cores", "there are", "run-8")),
        _LOOKS,
    ),
    CurveGroup(
        "memory, bytes",
        (Curve("memory_bytes", "the run's", "loss-train"), Curve("memory_free_bytes", "free", "loss-validation")),
        _LOOKS,
    ),
    CurveGroup(
        "disk, bytes",
        (Curve("run_bytes", "the run's", "loss-train"), Curve("disk_free_bytes", "free", "loss-validation")),
        _LOOKS,
    ),
    CurveGroup(
        "disk, bytes a second",
        (Curve("read_bytes_s", "read", "loss-train"), Curve("written_bytes_s", "written", "loss-validation")),
        _LOOKS,
    ),
    CurveGroup("data, share of a step", (Curve("data_share", "waiting for data", "loss-train"),), _LOOKS),
    CurveGroup(
        "rating by ear, 1 to 5",
        (Curve(RATING_TAG, "mean of the clips", "run-5", markers=True),),
        "nothing yet: 1 to 5 rate the selected sample",
    ),
    *(_scores(metric, embedder) for embedder in EMBEDDERS for metric in METRICS),
)
"""In the order in which they are shown where nobody has chosen another."""


def groups_of(tags: Sequence[str] | None) -> tuple[CurveGroup, ...]:
    """The groups for a run.

    Args:
        tags: What a run of another program logs; None: the run is one of ours. Where it has tags of ours they are
            grouped as ours are; each other one is a group of its own.
    """
    if tags is None:
        return GROUPS
    kept = [replace(group, curves=tuple(curve for curve in group.curves if curve.tag in tags)) for group in GROUPS]
    ours = {tag for group in kept for tag in group.tags}
    rest = [CurveGroup(tag, (Curve(tag, tag.rpartition("/")[2], "loss-train"),), "") for tag in tags if tag not in ours]
    return (*(group for group in kept if group.curves), *rest) or _NOTHING


_NOTHING = (CurveGroup("curves", (), "nothing yet: no number has been logged"),)


def groups_with(groups: Sequence[CurveGroup], there: Collection[str]) -> list[CurveGroup]:
    """Those of which a run has, or will have, something to show.

    A chart of scores has a line more for each other reference, a folder or another run's samples, that one was made
    against.

    Args:
        groups: In order.
        there: Tags of the judgements and of the rare curves that there are.
    """
    every = [replace(group, curves=(*group.curves, *_other_references(group, there))) for group in groups]
    return [group for group in every if not (group.is_judged or group.rare) or set(group.tags) & set(there)]


_OTHERS = ("run-1", "run-5", "run-2", "run-4", "run-7", "run-8")


def _other_references(group: CurveGroup, there: Collection[str]) -> list[Curve]:
    """A line for each reference that scores of the group's metric were made against, and that it has no line for."""
    if group.scores is None:
        return []
    own = score_tag(*group.scores, "")
    tags = sorted(tag for tag in there if tag.startswith(own) and tag not in group.tags)
    return [
        Curve(tag, f"against {tag.removeprefix(own)}", _OTHERS[number % len(_OTHERS)], markers=True)
        for number, tag in enumerate(tags)
    ]
