"""Where a run's batches are made: on the device, by loader workers, or by a thread of the trainer."""

from collections.abc import Collection

import torch

from ravetui.config import EngineSettings
from ravetui.engine.data.crops import CropSampler
from ravetui.engine.data.index import BYTES
from ravetui.engine.data.loader import Loader
from ravetui.engine.data.resident.source import Resident
from ravetui.engine.training.batches import Source
from ravetui.engine.training.prefetch import Prefetch
from ravetui.errors import ConfigError, RunError
from ravetui.runs.format import bytes_

_SHARE = 0.25
"""Of the device's free memory that a dataset may take without being asked to: training needs the rest."""
_MOST_WORKERS = 64


def open_source(
    sampler: CropSampler, settings: EngineSettings, device: torch.device, kept: Collection[int] = ()
) -> Source:
    """The source of batches that the settings ask for; the workers of one start at once.

    Args:
        sampler: Draws the crops.
        settings: ``workers`` and ``resident``.
        device: Where the run trains.
        kept: Descriptors that workers inherit.

    Raises:
        ConfigError: A setting cannot be.
        RunError: The dataset is to be resident and cannot.
    """
    if _is_resident(sampler, settings.resident, device):
        return Resident(sampler, device)
    workers = _workers(settings.workers, device)
    return Loader(sampler, workers, kept) if workers else Prefetch(sampler)


def _workers(setting: int, device: torch.device) -> int:
    """How many workers there are to be."""
    if not -1 <= setting <= _MOST_WORKERS:
        raise ConfigError("Bad setting", f"engine.workers must be from -1 to {_MOST_WORKERS}, not {setting}.")
    if setting == -1:
        return 2 if device.type == "cuda" else 0
    return setting


def _is_resident(sampler: CropSampler, setting: str, device: torch.device) -> bool:
    if setting not in ("auto", "on", "off"):
        raise ConfigError("Bad setting", f"engine.resident must be auto, on or off, not {setting!r}.")
    if setting == "off" or (setting == "auto" and device.type != "cuda"):
        return False
    if device.type != "cuda":
        raise RunError(
            "No GPU", f"engine.resident is on, but this run trains on {device.type}.", "Set it to auto in config.toml."
        )
    index = sampler.dataset.index
    size, free = index.frames("train") * index.channels * BYTES, torch.cuda.mem_get_info(device)[0]
    if setting == "on" and size > free:
        raise RunError(
            "Does not fit",
            f"engine.resident is on, but the dataset has {bytes_(size)} and the GPU has {bytes_(free)} free.",
            "Set it to auto in config.toml.",
        )
    return setting == "on" or size <= _SHARE * free
