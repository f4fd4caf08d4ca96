"""What a checkpoint makes of clips: identified without being made, made only when somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from ravetui.engine.data.clips import Clip, read_clip
from ravetui.engine.data.dataset import Dataset
from ravetui.jobs.scoring.clips import contents
from ravetui.jobs.scoring.facts import ClipFacts, facts_of
from ravetui.jobs.scoring.item import Item, mono
from ravetui.metrics.sound import derived_sound
from ravetui.runs import checkpoints
from ravetui.runs.checkpoints import Checkpoint
from ravetui.runs.spec import RunSpec

if TYPE_CHECKING:
    from ravetui.jobs.scoring.item import Audio

RENDERING = "1"
"""Changes whenever the same checkpoint and clip would sound otherwise."""
_JUDGED = ("average.safetensors", "model.safetensors")
"""The weights that are rendered: their average where there is one."""


class Reconstructions:
    """The reconstructions of clips by one checkpoint.

    Args:
        spec: Of its run.
        checkpoint: Verified when its weights are first needed.
        dataset: That the clips are of.
    """

    def __init__(self, spec: RunSpec, checkpoint: Checkpoint, dataset: Dataset) -> None:
        self._spec, self._checkpoint, self._dataset = spec, checkpoint, dataset
        self._network: object = None
        self.facts: dict[str, ClipFacts] = {}
        """Of what was made so far, by key."""

    @property
    def weights(self) -> str:
        """Checksum of the weights, as the manifest has it."""
        return str(next(self._checkpoint.files[name]["xxh3"] for name in _JUDGED if name in self._checkpoint.files))

    def items(self, clips: Sequence[Clip]) -> list[Item]:
        """The reconstructions, none of them made yet."""
        return [self._item(clip) for clip in clips]

    def render(self, clip: Clip) -> Audio:
        """What the checkpoint makes of a clip, (channels, frames).

        Raises:
            CheckpointError: It is damaged.
        """
        import torch

        from ravetui.engine.checkpoint import load_rave
        from ravetui.engine.model.rave import RAVE
        from ravetui.engine.render import reconstruct

        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        if self._network is None:
            checkpoints.verify(self._checkpoint)
            self._network = load_rave(self._spec.model, self._checkpoint, device)
        rave = self._network
        assert isinstance(rave, RAVE)
        noise = self._checkpoint.phase >= rave.noise_phase
        return reconstruct(rave, read_clip(self._dataset, clip), noise=noise, device=device)

    def _item(self, clip: Clip) -> Item:
        index = self._dataset.index
        made_by = (RENDERING, self.weights, repr(self._spec.model), str(self._checkpoint.phase))
        parts = (*made_by, index.fingerprint, str(clip.segment), str(clip.start), str(clip.frames))

        def load() -> tuple[Audio, int]:
            made = mono(self.render(clip))
            key = sound.key().hex()
            self.facts[key] = facts_of(made, index.sampling_rate, mono(read_clip(self._dataset, clip)))
            return made, index.sampling_rate

        sound = derived_sound(("reconstruction", *parts), load, clip.name)
        of = contents(self._dataset, clip)
        render = partial(self.render, clip)
        return Item(clip.name, sound, sound.key(), clip.frames, index.sampling_rate, of, render)
