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
    "penalty": ("gradient_penalty",),
    "validation": ("validation", "validation_multiband", "validation_seconds"),
    "epochs": (
        "epoch_seconds",
        "epoch_validation_seconds",
        "epoch_saving_seconds",
        "epoch_data_seconds",
        "epoch_longest_step_seconds",
    ),
    "latent": ("fidelity_0.8", "fidelity_0.9", "fidelity_0.95", "fidelity_0.99", "kl_active"),
    "codebooks": (
        "codebook_usage",
        "codebook_usage_worst",
        "codebook_perplexity",
        "codebook_perplexity_worst",
    ),
    "resources": (
        "cpu_cores",
        "cpu_total_cores",
        "memory_bytes",
        "memory_free_bytes",
        "memory_total_bytes",
        "gpu_percent",
        "gpu_memory_bytes",
        "gpu_total_bytes",
        "gpu_reserved_bytes",
        "disk_free_bytes",
        "run_bytes",
        "read_bytes_s",
        "written_bytes_s",
        "data_share",
    ),
}
"""``steps`` has every step once; ``reconstruction`` every update of encoder and generator; ``adversarial`` the same in
phase 2; ``discriminator`` every update of the discriminator; ``penalty`` the same where R1 is on: what it adds to
``loss_dis``; ``validation`` every validation; ``epochs`` every whole epoch at its last step, with the time it took
(:mod:`ravetui.runs.epochs`); ``latent`` every validation of phase 1 with enough frames: the dimensions that hold a
share of the latent's variance, and how many have a KL divergence that is not near 0 (NaN of a latent without one);
``codebooks`` every validation of a ``discrete`` latent with at least as many frames as codes: the share of codes in
use and their perplexity, mean over codebooks and of the worst; ``resources`` a row every ten seconds, so that steps
are left out or come twice: what the run's processes and GPUs use and what is left; :mod:`ravetui.runs.resources` says
what each column is."""

RARE = frozenset({"penalty", "codebooks"})
"""Most runs have nothing in these tables, and never will."""

NOT_ALWAYS_MEASURED = frozenset({"latent", "resources"})
"""In these tables NaN is what was not measured, and no number that was lost."""


def table_of(tag: str) -> str | None:
    """The table that has this tag, or None."""
    return next((name for name, columns in TABLES.items() if tag in columns), None)
