"""Whether a dataset holds enough audio for a crop length and a batch size."""

from ravetui.engine.data.index import DatasetIndex
from ravetui.errors import DataError


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


def _crops(number: int) -> str:
    return f"{number or 'no'} crop{'' if number == 1 else 's'}"
