"""Everything that a score is made of, found without rendering or embedding: light, so that a known score is at once."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ravetui.config import ScoreSettings
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.data.same import check_same
from ravetui.jobs.scoring.clips import clip_seconds
from ravetui.jobs.scoring.facts import ClipFacts, known_facts
from ravetui.jobs.scoring.inputs import DatasetInputs, Inputs, foreign_inputs
from ravetui.jobs.scoring.item import Item
from ravetui.jobs.scoring.reference import Reference, find_reference
from ravetui.jobs.scoring.rendering import Reconstructions
from ravetui.jobs.scoring.request import ScoreRequest
from ravetui.jobs.scoring.stored import documents_of, identity_of
from ravetui.jobs.scoring.subject import Subject, foreign_subject, own_subject
from ravetui.metrics.embedder import Embedder
from ravetui.metrics.embedders import make_embedder
from ravetui.runs.checkpoints import Checkpoint
from ravetui.runs.foreign.checkpoints import find_checkpoint
from ravetui.runs.foreign.folder import ForeignFolder
from ravetui.runs.spec import read_spec
from ravetui.runs.workspace import workspace_above

if TYPE_CHECKING:
    from ravetui.metrics.cache import EmbeddingCache

TRAINING = 4
"""Of the training audio so many times as much is looked at, for what was learnt by heart, as is scored."""


@dataclass(frozen=True)
class Plan:
    """The sets of one scoring."""

    request: ScoreRequest
    subject: Subject
    checkpoint: Checkpoint
    inputs: Inputs
    embedder: Embedder
    made: Reconstructions
    scored: list[Item]
    originals: list[Item]
    """Of what is scored, one by one."""
    reference: Reference
    training: list[Item]
    """Training audio; empty where nothing could be told by it: it is the reference, or is not known."""
    earlier: list[dict[str, Any]]
    """Scores that were made of this checkpoint, newest first."""

    @cached_property
    def identity(self) -> str:
        """The same for the same score."""
        keys = {
            "scored": [item.key for item in self.scored],
            "originals": [item.key for item in self.originals],
            "reference": [item.key for item in self.reference.items],
            "training": [item.key for item in self.training],
        }
        return identity_of(self.embedder, keys, reference=self.reference.label, compat=self.request.compat)

    @cached_property
    def facts(self) -> dict[str, ClipFacts]:
        """What earlier scores say of clips, by key."""
        return known_facts(self.earlier)

    @cached_property
    def cache(self) -> "EmbeddingCache | None":
        """The user's cache of embeddings, as large as the workspace's settings let it be."""
        # Here, so that a score that was made before is found without numpy.
        from ravetui.metrics.cache import EmbeddingCache

        workspace = workspace_above(self.request.run.path)
        settings = workspace.config.score if workspace else ScoreSettings()
        return EmbeddingCache(settings.cache_mb * 1_000_000) if settings.cache_mb > 0 else None

    @property
    def stored(self) -> dict[str, Any] | None:
        """This very score, if it was made before."""
        return next((one for one in self.earlier if one.get("identity") == self.identity), None)

    @property
    def is_at_hand(self) -> bool:
        """Whether all of its embeddings are in the cache, so that nothing is rendered and no network loaded."""
        sets = (self.scored, self.originals, self.reference.items, self.training)
        keys = [item.key for of in sets for item in of]
        known = all(item.hex in self.facts for item in self.scored)
        if not known or self.cache is None:
            return False
        return all(vectors is not None for vectors in self.cache.find(self.embedder, keys))


def make_plan(request: ScoreRequest) -> Plan:
    """Find the checkpoint, the clips, the reference and the embedder of a request.

    Raises:
        CheckpointError: There is no such checkpoint, or its network is none of ours.
        DataError: The run's dataset is gone or another one.
        RunError: What goes through the checkpoint of another program was never said.
        ScoreError: The reference or embedder is unknown, or the reference is empty.
    """
    run = request.run
    checkpoint = find_checkpoint(run, str(request.step))
    if isinstance(run, ForeignFolder):
        subject = foreign_subject(run, checkpoint)
        inputs = foreign_inputs(run, subject.sampling_rate)
    else:
        spec = read_spec(run.spec_path)
        subject, dataset = own_subject(spec, checkpoint), Dataset(Path(spec.data.path))
        check_same(spec, dataset.index)
        inputs = DatasetInputs(dataset, subject.sampling_rate, is_held=True)
    embedder = make_embedder(request.embedder, subject.sampling_rate)
    length = clip_seconds(embedder)
    originals = inputs.items("validation", length, request.seconds)
    made = Reconstructions(subject)
    told = inputs.is_held and request.reference != "train"
    return Plan(
        request=request,
        subject=subject,
        checkpoint=checkpoint,
        inputs=inputs,
        embedder=embedder,
        made=made,
        scored=made.items(originals),
        originals=originals,
        reference=find_reference(request, inputs, embedder),
        training=inputs.items("train", length, TRAINING * request.seconds) if told else [],
        earlier=documents_of(run, checkpoint.step),
    )
