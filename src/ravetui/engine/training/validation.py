"""How good the network is on audio it was not trained on."""

import time
from collections.abc import Callable

import numpy as np
import torch

from ravetui.engine.data.dataset import Dataset
from ravetui.engine.training.latent import LatentStatistics
from ravetui.engine.training.state import TrainingState
from ravetui.engine.training.update import distances


def validate(
    state: TrainingState, dataset: Dataset, latent: LatentStatistics | None, interrupted: Callable[[], bool]
) -> dict[str, float] | None:
    """Mean spectral distances over the validation crops, through the posterior's mean; of averaged weights, if any.

    The reference samples the latent here, which makes its curve noisy; the mean makes the same weights give the same
    number.

    Args:
        latent: Hears of every posterior mean, if given.
        interrupted: Asked between batches; True gives up.

    Returns:
        A row of the table ``validation``, or None when given up.
    """
    began = time.perf_counter()
    training = state.spec.training
    starts = validation_starts(dataset, training.crop, training.validation_crops)
    totals = np.zeros(2)
    rave = state.judged.eval()
    state.seed_step(0)
    try:
        with torch.no_grad():
            for first in range(0, len(starts), training.batch_size):
                if interrupted():
                    return None
                part = starts[first : first + training.batch_size]
                crops = np.stack([dataset.crop(segment, start, training.crop) for segment, start in part])
                audio = torch.from_numpy(crops).to(state.device)
                mean = rave.encode(audio).mean
                if latent is not None:
                    latent.add(mean)
                bands = rave.decode_bands(mean, noise=state.with_noise)
                found = distances(state, audio, bands, rave.pqmf.synthesis(bands))
                totals += len(part) * np.array([float(found.fullband), float(found.multiband)])
    finally:
        state.enter_training()
    fullband, multiband = totals / len(starts)
    seconds = time.perf_counter() - began
    return {"validation": fullband, "validation_multiband": multiband, "validation_seconds": seconds}


def validation_starts(dataset: Dataset, crop: int, limit: int) -> list[tuple[int, int]]:
    """(number of the segment, first frame) of up to ``limit`` validation crops, evenly spread over all of them."""
    starts = [
        (number, start)
        for number, segment in dataset.segments("validation")
        for start in range(0, segment.frames - crop + 1, crop)
    ]
    if len(starts) <= limit:
        return starts
    return [starts[i * len(starts) // limit] for i in range(limit)]
