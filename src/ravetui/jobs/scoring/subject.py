"""What is scored: a checkpoint as something that turns audio into audio, whoever trained it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ravetui.errors import CheckpointError
from ravetui.runs import checkpoints
from ravetui.runs.checkpoints import Checkpoint
from ravetui.runs.foreign.described import described_model
from ravetui.runs.foreign.folder import ForeignFolder
from ravetui.runs.foreign.gin import read_config
from ravetui.runs.spec import RunSpec

if TYPE_CHECKING:
    import torch

    from ravetui.engine.model.rave import RAVE
    from ravetui.jobs.scoring.item import Audio

RENDERING = "1"
"""Changes whenever the same checkpoint and clip would sound otherwise."""
_JUDGED = ("average.safetensors", "model.safetensors")
"""The weights that are rendered: their average where there is one."""


@dataclass(frozen=True)
class Loaded:
    """A network in memory."""

    rave: RAVE
    channels: int
    noise: bool
    """Whether its noise branch is heard."""


class Subject:
    """One checkpoint; nothing of it is read before it renders.

    Args:
        run: Its run's name.
        sampling_rate: Of what it renders, Hz.
        weights: Checksum of its weights.
        shape: What else decides how it sounds.
        load: Makes the network on a device.
    """

    def __init__(
        self,
        run: str,
        sampling_rate: int,
        weights: str,
        shape: tuple[str, ...],
        load: Callable[[torch.device], Loaded],
    ) -> None:
        self.run, self.sampling_rate, self.weights = run, sampling_rate, weights
        self.made_by = (RENDERING, weights, *shape)
        """Identifies it: the same parts, the same sound."""
        self._load = load
        self._loaded: Loaded | None = None

    def folded(self, audio: Audio) -> Audio:
        """Audio (channels, frames) with as many channels as the checkpoint hears.

        Raises:
            CheckpointError: It is damaged.
        """
        from ravetui.engine.data.fold import fold_matrix

        fold = fold_matrix(len(audio), self._network().channels)
        return audio if fold is None else fold.T @ audio

    def reconstruct(self, audio: Audio) -> Audio:
        """What the checkpoint makes of audio (channels, frames) at its rate: as long, with its own channels.

        Raises:
            CheckpointError: It is damaged.
        """
        from ravetui.engine.render import reconstruct

        loaded = self._network()
        return reconstruct(loaded.rave, self.folded(audio), noise=loaded.noise, device=_device())

    def _network(self) -> Loaded:
        loaded = self._loaded = self._loaded or self._load(_device())
        return loaded


def _device() -> torch.device:
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def own_subject(spec: RunSpec, checkpoint: Checkpoint) -> Subject:
    """A checkpoint of our trainer; it is verified when it is read."""
    weights = str(next(checkpoint.files[name]["xxh3"] for name in _JUDGED if name in checkpoint.files))

    def load(device: torch.device) -> Loaded:
        from ravetui.engine.checkpoint import load_rave

        checkpoints.verify(checkpoint)
        rave = load_rave(spec.model, checkpoint, device)
        return Loaded(rave, spec.model.channels, checkpoint.phase >= rave.noise_phase)

    shape = (repr(spec.model), str(checkpoint.phase))
    return Subject(spec.name, spec.model.sampling_rate, weights, shape, load)


def foreign_subject(run: ForeignFolder, checkpoint: Checkpoint) -> Subject:
    """A checkpoint of ``rave train``.

    Raises:
        CheckpointError: Its configuration or the file cannot be read, or its network is none of ours.
    """
    model, weights = described_model(read_config(run.config_path)), _checksum(checkpoint)

    def load(device: torch.device) -> Loaded:
        from ravetui.engine.foreign.checkpoint import load_network

        found = load_network(checkpoint.path, model, device)
        if _checksum(checkpoint) != weights:
            raise CheckpointError("Changed meanwhile", f"{checkpoint.path} was written anew meanwhile.", "Try again.")
        return Loaded(found.rave, found.channels, found.noise)

    return Subject(run.name, model.sampling_rate, weights, ("acids-rave", repr(model)), load)


def _checksum(checkpoint: Checkpoint) -> str:
    try:
        return checkpoints.digest(checkpoint.path)[1]
    except OSError as error:
        raise CheckpointError("Not readable", f"{checkpoint.path} cannot be read: {error.strerror}.") from None
