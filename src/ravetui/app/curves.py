"""Which curves belong on one chart."""

from dataclasses import dataclass


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

    @property
    def tags(self) -> tuple[str, ...]:
        """What is read from the journals."""
        return tuple(curve.tag for curve in self.curves)


_LATER = "nothing yet: the trainer writes a point a step"
_ADVERSARIAL = "nothing yet: these begin with phase 2"


def _distance(tag: str, validation: str) -> CurveGroup:
    lines = (Curve(tag, "train", "loss-train"), Curve(validation, "validation", "loss-validation", markers=True))
    return CurveGroup(tag, lines, _LATER)


GROUPS: tuple[CurveGroup, ...] = (
    _distance("fullband_spectral_distance", "validation"),
    _distance("multiband_spectral_distance", "validation_multiband"),
    CurveGroup("regularization", (Curve("regularization", "KL", "loss-train"),), _LATER),
    CurveGroup(
        "latent dimensions",
        tuple(
            Curve(f"fidelity_{share}", f"{share} of the variance", f"run-{number}", markers=True)
            for number, share in enumerate(("0.99", "0.95", "0.9", "0.8"), 1)
        ),
        "nothing yet: validation analyses the latent once it has as many frames as dimensions",
    ),
    CurveGroup("loss", (Curve("loss", "generator's sum", "loss-train"),), _LATER),
    CurveGroup("feature_matching", (Curve("feature_matching", "train", "loss-train"),), _ADVERSARIAL),
    CurveGroup("adversarial", (Curve("adversarial", "generator", "loss-train"),), _ADVERSARIAL),
    CurveGroup(
        "discriminator",
        (
            Curve("loss_dis", "loss", "run-4"),
            Curve("pred_real", "real", "run-3"),
            Curve("pred_fake", "fake", "run-5"),
        ),
        _ADVERSARIAL,
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
)
