"""The tensors of a checkpoint: written as safetensors, read back to the bit."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from ravetui.engine.model.rave import RAVE
from ravetui.engine.tensor_file import write_tensors
from ravetui.engine.training.host_copy import Tensors
from ravetui.engine.training.state import TrainingState
from ravetui.errors import CheckpointError
from ravetui.runs.checkpoints import Checkpoint
from ravetui.runs.model_spec import ModelSpec

MODEL = "model.safetensors"
DISCRIMINATOR = "discriminator.safetensors"
AVERAGE = "average.safetensors"
"""Of encoder and generator, in a run that averages its weights; what is rendered and scored then."""
OPTIMIZER = "optimizer.safetensors"
DISCRIMINATOR_OPTIMIZER = "discriminator_optimizer.safetensors"


def tensors_of(state: TrainingState) -> Tensors:
    """Everything a checkpoint keeps, as it is now: the next update changes it."""
    tensors = {
        MODEL: state.rave.state_dict(),
        DISCRIMINATOR: state.discriminator.state_dict(),
        OPTIMIZER: _optimizer_tensors(state.optimizer),
        DISCRIMINATOR_OPTIMIZER: _optimizer_tensors(state.discriminator_optimizer),
    }
    if state.average is not None:
        tensors[AVERAGE] = state.average.rave.state_dict()
    return tensors


def writers(copy: Tensors) -> dict[str, Callable[[Path], str]]:
    """File name to the function that writes it, for :func:`ravetui.runs.publishing.publish`."""
    return {file: partial(write_tensors, tensors=named) for file, named in copy.items()}


def restore(state: TrainingState, checkpoint: Checkpoint) -> None:
    """Put a checkpoint's weights, their average, optimiser moments, step and phase into ``state``.

    Without an average in the checkpoint, as where a fork begins to have one, it begins with the weights.

    Raises:
        CheckpointError: Its tensors do not fit the run's spec.
    """
    _load(state.rave, checkpoint.path / MODEL)
    _load(state.discriminator, checkpoint.path / DISCRIMINATOR)
    _load_optimizer(state.optimizer, checkpoint.path / OPTIMIZER)
    _load_optimizer(state.discriminator_optimizer, checkpoint.path / DISCRIMINATOR_OPTIMIZER)
    if state.average is not None:
        _load(state.average.rave, checkpoint.path / _judged(checkpoint))
    state.step = checkpoint.step
    state.phase_2_step = checkpoint.trainer["phase_2_step"]
    state.enter_training()


def load_rave(spec: ModelSpec, checkpoint: Checkpoint, device: torch.device) -> RAVE:
    """The network of a checkpoint, with averaged weights if it has them, ready to render.

    Raises:
        CheckpointError: Its tensors do not fit the spec.
    """
    rave = RAVE(spec)
    _load(rave, checkpoint.path / _judged(checkpoint))
    return rave.to(device).eval()


def _judged(checkpoint: Checkpoint) -> str:
    return AVERAGE if AVERAGE in checkpoint.files else MODEL


def _load(module: nn.Module, path: Path) -> None:
    try:
        module.load_state_dict(load_file(path))
    except RuntimeError as error:
        lines = str(error).splitlines()
        raise CheckpointError("Other model", f"{path} does not fit the run's spec: {lines[-1].strip()}.") from None


def _optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Adam's moments as ``<parameter>.<moment>``; a parameter that was never updated has none."""
    state = optimizer.state_dict()["state"]
    return {f"{index}.{key}": value for index, moments in state.items() for key, value in moments.items()}


def _load_optimizer(optimizer: torch.optim.Optimizer, path: Path) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in load_file(path).items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
