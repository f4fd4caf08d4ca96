"""A checkpoint that ``rave train`` wrote, as a network of ours that is ready to render."""

import dataclasses
import pickle
import re
import warnings
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ravetui.engine.foreign.acids_rave import rave_weights
from ravetui.engine.model.rave import RAVE
from ravetui.errors import CheckpointError
from ravetui.runs.model_spec import ModelSpec

_FIRST = ("encoder.encoder.net.0.weight", "encoder.encoder.net.0.weight_v")
"""Of the encoder's first convolution: (capacity, channels × n_band, taps)."""
_WARMED_UP = "decoder.warmed_up"
"""Whether v1's noise branch was heard when it was saved."""


@dataclass(frozen=True)
class ForeignNetwork:
    """What a checkpoint holds."""

    rave: RAVE
    channels: int
    """Of audio, in and out."""
    noise: bool
    """Whether its noise branch, if it has one, is heard."""


def load_network(path: Path, spec: ModelSpec, device: torch.device) -> ForeignNetwork:
    """Read a ``.ckpt`` of acids-rave; of its pickle nothing is run but what makes tensors and plain values.

    Args:
        path: The file.
        spec: Shape of its network but for ``channels``, which the weights tell.
        device: Where it will render.

    Raises:
        CheckpointError: It cannot be read, is damaged, or holds another network than ``spec``; the part is named.
    """
    theirs = _state_dict(path)
    first = next((theirs[name] for name in _FIRST if name in theirs), None)
    if first is None:
        raise CheckpointError("Other network", f"{path} has no encoder that is one of ours.")
    channels = first.shape[1] // spec.n_band
    spec = dataclasses.replace(spec, channels=channels)
    try:
        rave = RAVE(spec)
        rave.load_state_dict(rave_weights(spec, theirs))
    except ValueError as error:
        raise CheckpointError("Other network", f"{path}: {error}.") from None
    except RuntimeError as error:
        part = str(error).splitlines()[1:2] or [str(error)]
        raise CheckpointError("Other network", f"{path} does not fit its config.gin: {part[0].strip()}") from None
    warmed_up = theirs.get(_WARMED_UP)
    noise = spec.noise_phase == 1 or (warmed_up is not None and bool(warmed_up))
    return ForeignNetwork(rave.to(device).eval(), channels, noise)


def _state_dict(path: Path) -> dict[str, Tensor]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # Not mapped: Lightning may write anew into the file that is read.
            found = torch.load(path, map_location="cpu", weights_only=True)
        return {str(name): tensor for name, tensor in found["state_dict"].items() if isinstance(tensor, Tensor)}
    except OSError as error:
        raise CheckpointError("Not readable", f"{path} cannot be read: {error.strerror or error}.") from None
    except pickle.UnpicklingError as error:
        raise CheckpointError("Not read", f"{path} is not read: {_refused(error)}.") from None
    except (RuntimeError, EOFError, ValueError, KeyError, TypeError, AttributeError):
        raise CheckpointError(
            "Damaged checkpoint",
            f"{path} is no whole checkpoint of acids-rave.",
            "If it is just being written, try again.",
        ) from None


def _refused(error: pickle.UnpicklingError) -> str:
    """Why in a few words: torch names what of a pickle is not on its list of what may be made."""
    found = re.search(r"GLOBAL (\S+) (was not|whose module)", str(error))
    return f"it would run {found[1]}, and code of a checkpoint is never run" if found else "its pickle is damaged"
