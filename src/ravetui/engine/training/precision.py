"""How a device computes: in which precision, with which kernels."""

import ctypes
import sys
from dataclasses import dataclass

import torch

from ravetui.engine.training.state import TrainingState

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
"""glibc's names for settings of ``mallopt``."""


@dataclass(frozen=True)
class Computing:
    """What of it can be chosen."""

    precision: str
    """Of networks while they train: ``fp32`` or ``bf16``."""
    compiled: bool
    """Whether networks are compiled by ``torch.compile``."""

    @property
    def words(self) -> str:
        """As in a sentence: ``bf16, compiled``."""
        return f"{self.precision}, compiled" if self.compiled else self.precision


WAYS = tuple(Computing(precision, compiled=compiled) for compiled in (False, True) for precision in ("fp32", "bf16"))
"""All there are; plain first."""


def prepare_device(device: torch.device) -> None:
    """Set what is always faster; on a CPU the same numbers come out.

    On CUDA single precision may multiply in TF32, as in the reference, and convolutions are chosen by trial.

    On a CPU under glibc big blocks stay with the process. A training step asks for the same ones each time; by default
    they are given back to the kernel each time and come again page by page, zeroed: a tenth of a step.
    """
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high")
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
    elif sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_M_MMAP_MAX, 0)
        libc.mallopt(_M_TRIM_THRESHOLD, -1)


def has_bf16(device: torch.device) -> bool:
    """Whether the device computes in bf16: a GPU from Ampere on, a CPU whose convolutions know it."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    has_library = bool(torch.backends.mkldnn.is_available())  # type: ignore[no-untyped-call]
    return has_library and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def device_kind(device: torch.device) -> str:
    """What kind of device it is: two of the same kind are equally fast at the same things."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU with {torch.backends.cpu.get_cpu_capability()}{' and bf16' if has_bf16(device) else ''}"


def compute_with(state: TrainingState, computing: Computing) -> None:
    """Let the state's networks be trained so; validation and rendering stay single and compare across precisions."""
    state.precision = computing.precision
    if computing.compiled:
        # On CUDA with CUDA graphs: shapes are the same at every step.
        mode = "reduce-overhead" if state.device.type == "cuda" else None
        for network in (state.rave.encoder, state.rave.generator, state.discriminator):
            state.compiled[network] = torch.compile(network, mode=mode)
