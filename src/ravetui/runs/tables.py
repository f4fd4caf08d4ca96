"""Which numbers a trainer journals: tables of columns that are always written together.

A column's name is the tag of its curve, the name acids-rave gives it where it has one.
"""

TABLES: dict[str, tuple[str, ...]] = {
    "steps": ("phase", "step_seconds", "data_seconds"),
    "reconstruction": (
        "loss",
        "fullband_spectral_distance",
        "multiband_spectral_distance",
        "regularization",
        "beta_factor",
        "learning_rate",
    ),
    "adversarial": ("feature_matching", "adversarial"),
    "discriminator": ("loss_dis", "pred_real", "pred_fake"),
    "validation": ("validation", "validation_multiband", "validation_seconds"),
    "epochs": (
        "epoch_seconds",
        "epoch_validation_seconds",
        "epoch_saving_seconds",
        "epoch_data_seconds",
        "epoch_longest_step_seconds",
    ),
    "latent": ("fidelity_0.8", "fidelity_0.9", "fidelity_0.95", "fidelity_0.99"),
}
"""``steps`` has every step once; ``reconstruction`` every update of encoder and generator; ``adversarial`` the same in
phase 2; ``discriminator`` every update of the discriminator; ``validation`` every validation; ``epochs`` every whole
epoch at its last step, with the time it took (:mod:`ravetui.runs.epochs`); ``latent`` every validation of phase 1 with
enough frames: the dimensions that hold a share of the latent's variance."""


def table_of(tag: str) -> str | None:
    """The table that has this tag, or None."""
    return next((name for name, columns in TABLES.items() if tag in columns), None)
