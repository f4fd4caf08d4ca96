"""LAION's checkpoint, a pickle, read by allow-list: it can hold tensors and numbers, and nothing that runs."""

import collections
import pickle
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from ravetui.errors import ScoreError
from ravetui.metrics.clap.layout import entries, foreign
from ravetui.metrics.clap.weights import CHECKPOINT


class _Forbidden(pickle.UnpicklingError):
    """The pickle names something that is not on the list."""


class _Inert:
    """Stands for what a checkpoint keeps beside its tensors, such as an accuracy as a numpy scalar."""

    def __init__(self, *_arguments: object) -> None:
        """Whatever it was made from is dropped."""

    def __setstate__(self, _state: object) -> None:
        """So is its state."""


class _Unpickler(pickle.Unpickler):
    allowed: ClassVar[Mapping[tuple[str, str], Any]] = {
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): torch._utils._rebuild_tensor_v2,
        ("torch._utils", "_rebuild_parameter"): lambda data, *_: data,
        ("torch", "device"): _Inert,
        ("_codecs", "encode"): _Inert,
        ("numpy", "dtype"): _Inert,
        ("numpy.core.multiarray", "scalar"): _Inert,
        ("numpy._core.multiarray", "scalar"): _Inert,
    }

    def find_class(self, module: str, name: str, /) -> Any:
        found = self.allowed.get((module, name))
        if found is None and module == "numpy.dtypes":
            found = _Inert
        if found is None and module == "torch" and name.endswith("Storage"):
            found = getattr(torch, name, None)
        if found is None:
            raise _Forbidden(f"{module}.{name}")
        return found


def _pickle_module() -> Any:
    """What `torch.load` takes for the module ``pickle``."""
    module = types.ModuleType("allow_list")
    load: Callable[..., Any] = lambda file, **settings: _Unpickler(file, **settings).load()  # noqa: E731
    vars(module).update(Unpickler=_Unpickler, load=load, UnpicklingError=pickle.UnpicklingError)
    return module


def read_audio_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of the audio half of CLAP, by LAION's keys without ``module.``.

    Both layouts are read: a pickle of LAION's or safetensors with the same keys.

    Args:
        path: The checkpoint.

    Raises:
        ScoreError: It cannot be read, carries code, or is not of this network; keys that are missing, extra or of
            another shape are named.
    """
    try:
        state = _safetensors(path) if path.suffix == ".safetensors" else _pickled(path)
    except FileNotFoundError:
        raise ScoreError("No such file", f"There is no {path}.", "Name the checkpoint that you have.") from None
    except _Forbidden as error:
        raise ScoreError(
            "Checkpoint with code",
            f"{path} was not read: it asks for {error}, and what holds weights has no use for that.",
            "Delete it; such a file can run anything as you.",
        ) from None
    except Exception as error:  # A damaged archive makes torch raise almost anything.
        raise ScoreError(
            "Not a checkpoint",
            f"{path} cannot be read as a checkpoint: {_first_line(error)}.",
            f"It should be {CHECKPOINT}.",
        ) from None
    return _audio_half(path, state)


def _pickled(path: Path) -> Mapping[str, Any]:
    settings: dict[str, Any] = {"map_location": "cpu", "weights_only": False, "pickle_module": _pickle_module()}
    try:
        # The text half, seven tenths of the file, is then never read.
        document = torch.load(path, mmap=True, **settings)
    except RuntimeError as error:
        if "mmap" not in str(error):
            raise
        document = torch.load(path, **settings)  # written before torch 1.6
    if isinstance(document, Mapping):
        state = document.get("state_dict", document)
        if isinstance(state, Mapping):
            return state
    raise ValueError("it holds no state_dict")


def _safetensors(path: Path) -> Mapping[str, Any]:
    from safetensors.torch import load_file

    return dict(load_file(path))


def _audio_half(path: Path, state: Mapping[str, Any]) -> dict[str, Tensor]:
    """Refuse what is not exactly HTSAT-base without fusion."""
    named = {str(name).removeprefix("module."): tensor for name, tensor in state.items()}
    wanted = {entry.name: entry for entry in entries()}
    missing = [name for name in wanted if name not in named]
    extra = [name for name in named if name not in wanted and not foreign(name)]
    both = [name for name in wanted if name in named]
    shaped = [name for name in both if not _fits(named[name], wanted[name].shape)]
    if missing or extra or shaped:
        parts = (("missing", missing), ("extra", extra), ("of another shape", shaped))
        said = "; ".join(f"{word}: {_some(names)}" for word, names in parts if names)
        raise ScoreError(
            "Another checkpoint",
            f"{path} is not CLAP's HTSAT-base without fusion. Keys {said}.",
            f"The embedder takes LAION's {CHECKPOINT}.",
        )
    return {name: named[name] for name in wanted}


def _fits(tensor: object, shape: tuple[int, ...]) -> bool:
    return isinstance(tensor, Tensor) and tuple(tensor.shape) == shape


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
