"""The clips that were given for a run of another program through one of its checkpoints, to be heard."""

from collections import Counter
from collections.abc import Iterator

from ravetui.engine.model.losses import MultiScaleSpectralDistance
from ravetui.engine.render import Reconstruction, publish_samples
from ravetui.jobs.scoring.inputs import foreign_inputs
from ravetui.jobs.scoring.subject import foreign_subject
from ravetui.runs.checkpoints import Checkpoint
from ravetui.runs.foreign.folder import ForeignFolder
from ravetui.runs.training_spec import LossSpec, TrainingSpec


def render_foreign(run: ForeignFolder, checkpoint: Checkpoint) -> None:
    """Publish as many clips, as long, as our own trainer renders, in what is kept of the run here.

    Raises:
        CheckpointError: The checkpoint cannot be read, or its network is none of ours.
        DataError: The dataset that was given is gone or damaged.
        RunError: Nothing was given.
        ScoreError: A file of the folder that was given cannot be read.
    """
    subject = foreign_subject(run, checkpoint)
    inputs = foreign_inputs(run, subject.sampling_rate)
    count, seconds = TrainingSpec().sample_clips, TrainingSpec().sample_seconds
    clips = inputs.items("validation", seconds, count * seconds)

    def made() -> Iterator[Reconstruction]:
        given: Counter[str] = Counter()
        for item in clips:
            given[item.name] += 1
            name = item.name if given[item.name] == 1 else f"{item.name}-{given[item.name]}"
            original = item.audio()
            yield Reconstruction(name, item.hex[:8], subject.folded(original), subject.reconstruct(original))

    distance = MultiScaleSpectralDistance(LossSpec().stft_scales, LossSpec().log_epsilon)
    publish_samples(run, made(), distance, subject.sampling_rate, step=checkpoint.step, phase=checkpoint.phase)
