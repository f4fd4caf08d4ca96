"""Where this process computes."""

import torch

from ravetui.engine.training.ranks import Ranks
from ravetui.errors import RunError


def choose_device(name: str, wanted: int, ranks: Ranks) -> torch.device:
    """The device of one rank: the CPU, or the GPU of its number.

    Args:
        name: ``auto``, ``cpu`` or ``cuda``.
        wanted: How many ranks the run is made for.
        ranks: Who is there.

    Raises:
        RunError: There are fewer or more ranks than the run is made for, no GPU, or fewer GPUs than ranks.
    """
    if wanted != ranks.size:
        raise RunError(
            "Other ranks",
            f"The run is made for {_ranks(wanted)}, and {_ranks(ranks.size)} came to train it.",
            "Start it with `ravetui run start`.",
        )
    found = torch.cuda.device_count() if name != "cpu" else 0
    if name == "cuda" and not found:
        raise RunError(
            "No GPU", "engine.device is cuda, but torch sees no GPU.", "Set it to auto or cpu in config.toml."
        )
    if not found:
        return torch.device("cpu")
    if ranks.size > found:
        raise RunError(
            "Too few GPUs",
            f"The run is made for {_ranks(wanted)}, one a GPU, and torch sees {found} GPU{'' if found == 1 else 's'}.",
            f"Fork it with ranks={found}, or set engine.device to cpu in config.toml.",
        )
    torch.cuda.set_device(ranks.local)
    return torch.device("cuda", ranks.local)


def _ranks(number: int) -> str:
    return f"{number} rank{'' if number == 1 else 's'}"
