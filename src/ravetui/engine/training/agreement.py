"""Whether all ranks hold the same weights: made from one seed or read from one checkpoint, they are the same bits."""

import xxhash

from ravetui.engine.checkpoint import tensors_of
from ravetui.engine.training.state import TrainingState
from ravetui.errors import RunError


def check_agreement(state: TrainingState) -> None:
    """Compare everything a checkpoint keeps with what rank 0 has of it.

    Raises:
        RunError: This rank has something else.
        LostRankError: Another rank is gone.
    """
    ranks = state.ranks
    if ranks.size == 1:
        return
    mine = _fingerprint(state)
    if ranks.say(mine) != mine:
        raise RunError(
            "Ranks differ",
            f"Rank {ranks.rank} begins step {state.step + 1} with other weights than rank 0.",
            "Start it again; if that does not help, suspect the disk or a memory.",
        )


def _fingerprint(state: TrainingState) -> int:
    """63 bits of xxh3 of every tensor, the step and the phase."""
    digest = xxhash.xxh3_64(f"{state.step} {state.phase_2_step}".encode())
    for file, named in tensors_of(state).items():
        for name, tensor in named.items():
            digest.update(f"{file} {name}".encode())
            digest.update(tensor.detach().contiguous().cpu().numpy().data)
    return digest.intdigest() >> 1
