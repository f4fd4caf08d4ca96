"""Steps of networks that are thrown away, so that timing them changes nothing of those that are trained."""

import statistics
import time
from collections.abc import Callable

import torch

from ravetui.engine.training.precision import Computing, compute_with
from ravetui.engine.training.state import TrainingState, build_state
from ravetui.engine.training.update import update
from ravetui.runs.spec import RunSpec
from ravetui.runs.timing import Timing

KINDS = ("phase 1", "discriminator", "generator")
"""Of steps, in the order in which a run comes to them."""
ROUNDS = 3
"""Steps of each kind; the first makes libraries ready and does not count."""
LONGEST = 20.0
"""After it no further round is begun, seconds."""


class Trial:
    """Such networks with something to learn from.

    Args:
        crops: A step has so many of noise.
    """

    def __init__(self, spec: RunSpec, device: torch.device, computing: Computing, crops: int) -> None:
        self._state: TrainingState = build_state(spec, device)
        compute_with(self._state, computing)
        self.audio = (0.1 * torch.randn(crops, spec.model.channels, spec.training.crop)).to(device)
        """Crops (batch, channels, samples) of the next step."""
        self.fastest: dict[str, float] = {}
        """Kind of step to the fastest so far, seconds."""

    def step(self, kind: str) -> float:
        """Do a step of a kind; seconds it took."""
        state = self._state
        # Phase 2 began so many steps ago that the next one is of that kind.
        began = {"phase 1": None, "discriminator": state.step, "generator": state.step - 1}
        state.phase_2_step = began[kind]
        state.enter_training()
        start = time.perf_counter()
        update(state, self.audio)
        if state.device.type == "cuda":
            torch.cuda.synchronize()
        seconds = time.perf_counter() - start
        self.fastest[kind] = min(seconds, self.fastest.get(kind, seconds))
        return seconds


def time_steps(
    spec: RunSpec, device: torch.device, kind: str, computing: Computing, interrupted: Callable[[], bool]
) -> Timing | None:
    """Time a few steps of each kind; None when interrupted before each has been timed once ready.

    Args:
        kind: Of the device.
        computing: How the run computes.
        interrupted: Asked between steps.
    """
    # On a CPU time is proportional to the batch, and only the ratio of the phases counts: one crop tells it.
    crops = 1 if device.type == "cpu" else spec.training.batch_size
    before = peak_bytes(device)
    trial = Trial(spec, device, computing, crops)
    found: dict[str, list[float]] = {name: [] for name in KINDS}
    began = time.perf_counter()
    memory: dict[str, int] = {}
    for number in range(ROUNDS):
        for name in KINDS:
            if interrupted():
                return None
            found[name].append(trial.step(name))
            memory[name] = peak_bytes(device) - before
        if number and time.perf_counter() - began > LONGEST:
            break
    ready = {name: statistics.median(seconds[1:]) for name, seconds in found.items()}
    return timing(spec, kind, ready, crops, memory if device.type == "cuda" else {})


def peak_bytes(device: torch.device) -> int:
    """The most memory of a GPU that tensors of this process held since it was asked last; 0 on a CPU."""
    if device.type != "cuda":
        return 0
    peak = torch.cuda.max_memory_allocated(device)
    torch.cuda.reset_peak_memory_stats(device)
    return peak


def timing(spec: RunSpec, kind: str, seconds: dict[str, float], crops: int, memory: dict[str, int]) -> Timing:
    """What was measured, as it is kept.

    Args:
        kind: Of the device.
        seconds: Each of :data:`KINDS` to the time of such a step.
        crops: A step had so many.
        memory: Each of them to its peak, bytes; empty: not measured.
    """
    first, *later = (memory.get(name) for name in KINDS)
    return Timing(
        device=kind,
        phase_1_s=seconds["phase 1"],
        discriminator_s=seconds["discriminator"],
        generator_s=seconds["generator"],
        discriminator_every=spec.training.discriminator_every,
        crops=crops,
        memory_1_bytes=first,
        memory_2_bytes=max((size for size in later if size is not None), default=None),
        measured=time.time(),
    )
