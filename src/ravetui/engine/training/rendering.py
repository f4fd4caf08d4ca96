"""Samples of a run that goes on training: rendered by a thread from a copy of the network."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from threading import Event

import torch

from ravetui.engine.data.clips import Clip
from ravetui.engine.data.dataset import Dataset
from ravetui.engine.model.rave import RAVE
from ravetui.engine.render import render_samples
from ravetui.engine.training.background import LOW, background
from ravetui.engine.training.state import TrainingState
from ravetui.runs.folder import RunFolder


def _side_stream(device: torch.device) -> torch.cuda.Stream | None:
    """A queue on the GPU beside training's; None on a CPU."""
    return torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]


class Renderer:
    """Renders the validation clips of one attempt.

    :meth:`begin` stalls the loop for the copy of the weights, and for the rendering of the validation before when that
    is not done: every validation gets its samples. The noise branch of the copy draws from a generator of its own, so
    training's draws and the samples are the same whether or not the other goes on.

    Args:
        clips: What is rendered.
        tell: Appends an event; called from the thread.
    """

    def __init__(
        self, run: RunFolder, state: TrainingState, dataset: Dataset, clips: Sequence[Clip], tell: Callable[..., None]
    ) -> None:
        self._run, self._spec, self._device = run, state.spec, state.device
        self._dataset, self._clips, self._tell = dataset, clips, tell
        self._rave = RAVE(state.spec.model).to(state.device).eval()
        self._stream = _side_stream(state.device)
        self._thread = background("render", niceness=LOW)
        self._rendering: Future[None] | None = None
        self._given_up = Event()

    def begin(self, state: TrainingState) -> None:
        """Copy the network as it is now and let its samples be published."""
        self.wait()
        self._rave.load_state_dict(state.judged.state_dict())
        if self._stream is not None:
            self._stream.wait_stream(torch.cuda.current_stream(self._device))
        self._rendering = self._thread.submit(self._render, state.step, state.phase)

    def wait(self) -> None:
        """Wait for the samples that are under way, if any are; what kept them from being published has been told."""
        if self._rendering is not None:
            self._rendering.result()
            self._rendering = None

    def give_up(self) -> None:
        """Leave out what is not rendered yet; nothing half-made stays."""
        self._given_up.set()

    def close(self) -> None:
        """End the thread when it has done what it does."""
        self._thread.shutdown()

    def _render(self, step: int, phase: int) -> None:
        try:
            with torch.cuda.stream(self._stream) if self._stream is not None else nullcontext():
                made = render_samples(
                    self._run,
                    self._spec,
                    self._rave,
                    self._dataset,
                    self._clips,
                    step=step,
                    phase=phase,
                    device=self._device,
                    given_up=self._given_up.is_set,
                )
        except Exception as error:  # Whatever it is, training is worth more than a sample.
            self._tell("warned", step=step, reason=f"no samples were rendered: {error}")
        else:
            if made is not None:
                self._tell("sampled", step=step, clips=len(self._clips))
