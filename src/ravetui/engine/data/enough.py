"""Whether a dataset holds enough audio for a crop length and a batch size."""

import math

from ravetui.engine.data.index import DatasetIndex
from ravetui.errors import DataError
from ravetui.runs.model_spec import ModelSpec
from ravetui.runs.training_spec import TrainingSpec


def check_enough(index: DatasetIndex, crop: int, batch_size: int) -> None:
    """See that one epoch has at least one step and validation at least one crop.

    Args:
        index: The dataset.
        crop: Frames of audio a crop.
        batch_size: Crops a step, of all ranks together.

    Raises:
        DataError: With how much there is and how much is missing.
    """
    seconds = crop / index.sampling_rate
    have = index.training_crops(crop)
    if have < batch_size:
        missing = (batch_size - have) * seconds
        raise DataError(
            "Too little audio",
            f"There are {_crops(have)} of {seconds:.2f} s to train on ({index.seconds('train'):.1f} s of audio), "
            f"and a step needs {batch_size}.",
            f"Prepare about {missing:.0f} s more, or choose a smaller batch_size or crop.",
        )
    if index.validation_crops(crop) < 1:
        longest = max((segment.frames for segment in index.of("validation")), default=0) / index.sampling_rate
        raise DataError(
            "Too little audio",
            f"Validation has {longest:.2f} s at a stretch, and a crop is {seconds:.2f} s.",
            "Prepare more audio, keep a larger validation_fraction, or choose a smaller crop.",
        )


def latent_warnings(index: DatasetIndex, model: ModelSpec, training: TrainingSpec) -> tuple[str, ...]:
    """A sentence if the validation crops have fewer latent frames than the latent has dimensions, else none.

    Without its analysis a run is as good, so that it is not refused.
    """
    a_crop = training.crop // model.hop_length
    there = index.validation_crops(training.crop)
    judged = min(there, training.validation_crops)
    if judged * a_crop >= model.latent_size:
        return ()
    needed = -(-model.latent_size // a_crop)
    remedies = []
    if there < needed:
        seconds = math.ceil((needed - there) * training.crop / index.sampling_rate)
        remedies.append(f"prepare about {seconds} s more for validation (validation_fraction)")
    if training.validation_crops < needed:
        remedies.append(f"set validation_crops to at least {needed}")
    return (
        f"Validation hears {_crops(judged)} of {a_crop} latent frames, {judged * a_crop} of the {model.latent_size} "
        f"that the latent's analysis needs for {model.latent_size} dimensions. The run trains without it; to have it, "
        f"{' and '.join(remedies)}.",
    )


def _crops(number: int) -> str:
    return f"{number or 'no'} crop{'' if number == 1 else 's'}"
