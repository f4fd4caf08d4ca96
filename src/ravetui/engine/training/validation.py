"""How good the network is on audio it was not trained on."""

import time
from collections.abc import Callable

import numpy as np
import torch

from ravetui.engine.data.dataset import Dataset
from ravetui.engine.model.residual_quantizer import Quantised
from ravetui.engine.training.codebooks import CodebookStatistics
from ravetui.engine.training.latent import LatentStatistics
from ravetui.engine.training.state import TrainingState
from ravetui.engine.training.update import Values, distances


def validate(state: TrainingState, dataset: Dataset, interrupted: Callable[[], bool]) -> Values | None:
    """Mean spectral distances over the validation crops, through the posterior's mean, and what the latent uses.

    Of the averaged weights where the run has them.

    The reference samples the latent here, which makes its curve noisy; the mean makes the same weights give the same
    number. Every rank judges its share of each round of batches.

    Args:
        interrupted: Asked between rounds, and rank 0's answer counts; True gives up.

    Returns:
        A row of the table ``validation``, and one of ``latent`` where it is analysed, and one of ``codebooks``
        where it has some; None when given up.

    Raises:
        LostRankError: Another rank is gone.
    """
    began = time.perf_counter()
    training, ranks = state.spec.training, state.ranks
    # The latent of a frozen encoder has been analysed.
    latent = LatentStatistics(state.spec.model.latent_size) if state.encoder_learns else None
    model = state.spec.model
    codebooks = CodebookStatistics(model.quantizers, model.codebook_size) if model.latent == "discrete" else None
    starts = validation_starts(dataset, training.crop, training.validation_crops)
    totals = torch.zeros(2, dtype=torch.float64)
    rave = state.judged.eval()
    state.seed_step(0)
    try:
        with torch.no_grad():
            for first in range(0, len(starts), training.batch_size * ranks.size):
                if ranks.say(interrupted()):
                    return None
                own = first + training.batch_size * ranks.rank
                part = starts[own : own + training.batch_size]
                if not part:
                    continue
                crops = np.stack([dataset.crop(segment, start, training.crop) for segment, start in part])
                audio = torch.from_numpy(crops).to(state.device)
                encoded = rave.encode(audio)
                if latent is not None:
                    latent.add(encoded)
                if codebooks is not None and isinstance(encoded, Quantised):
                    codebooks.add(encoded.codes)
                mean = encoded.mean
                bands = rave.decode_bands(mean, noise=state.with_noise)
                found = distances(state, audio, bands, rave.pqmf.synthesis(bands))
                totals += len(part) * torch.stack([found.fullband, found.multiband]).cpu()
    finally:
        state.enter_training()
    ranks.sum(totals)
    fullband, multiband = (totals / len(starts)).tolist()
    seconds = time.perf_counter() - began
    rows = {"validation": {"validation": fullband, "validation_multiband": multiband, "validation_seconds": seconds}}
    if latent is not None:
        latent.gather(ranks)
        if latent.is_enough:
            rows["latent"] = latent.row()
    if codebooks is not None:
        codebooks.gather(ranks)
        if codebooks.is_enough:
            rows["codebooks"] = codebooks.row()
    return rows


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
