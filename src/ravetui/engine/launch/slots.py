"""How many runs may train at once here, and on which GPU the next one does."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from ravetui.engine.launch.gpus import Gpu, allowed, find_gpus
from ravetui.runs.folder import RunFolder
from ravetui.runs.record import read_proc
from ravetui.runs.spec import read_spec
from ravetui.runs.state import run_status
from ravetui.runs.workspace import Workspace


@dataclass(frozen=True)
class Training:
    """A run that trains now, and what it has."""

    run: str
    gpus: tuple[str, ...]
    """UUIDs."""


@dataclass(frozen=True)
class Slots:
    """What is taken and what is free, as of one look."""

    limit: int
    """At most so many runs train at once."""
    training: tuple[Training, ...]
    gpus: tuple[Gpu, ...]
    """Those that runs may be given; empty: the trainers choose for themselves."""

    @property
    def free_gpus(self) -> tuple[Gpu, ...]:
        """GPUs that neither a run nor anybody else has."""
        return tuple(gpu for gpu in self.gpus if not self.runs_on(gpu) and not gpu.is_filled)

    def runs_on(self, gpu: Gpu) -> str:
        """Name of the run that trains on a GPU; empty: none."""
        return next((item.run for item in self.training if gpu.uuid in item.gpus), "")

    def choose(self, ranks: int) -> tuple[str, ...]:
        """UUIDs of free GPUs for a run, fewer than ``ranks`` if there are not so many."""
        return tuple(gpu.uuid for gpu in self.free_gpus[:ranks])

    def why_full(self, ranks: int = 1) -> str:
        """Why a run cannot begin now, in a sentence without its end; empty when it can.

        Args:
            ranks: Processes of the run: each needs a GPU of its own where there are any.
        """
        if len(self.training) >= self.limit:
            names = ", ".join(item.run for item in self.training)
            return f"{len(self.training)} of {self.limit} slots {'is' if self.limit == 1 else 'are'} taken ({names})"
        return self.why_no_gpu(ranks)

    def why_no_gpu(self, ranks: int = 1) -> str:
        """Why a run gets no GPU of its own; empty when it gets one, or none is given out here."""
        if not self.gpus or len(self.free_gpus) >= ranks:
            return ""
        if ranks > len(self.gpus):
            return f"it has {ranks} ranks and there are {len(self.gpus)} GPUs to give"
        return "; ".join(self._taken(gpu) for gpu in self.gpus if gpu not in self.free_gpus)

    def _taken(self, gpu: Gpu) -> str:
        if run := self.runs_on(gpu):
            return f"GPU {gpu.index} is taken by {run}"
        who = gpu.users[0] if gpu.users else "something else"
        return f"GPU {gpu.index} is filled by {who}: {gpu.used} of {gpu.total} MiB"


def look_at_slots(workspace: Workspace) -> Slots:
    """The slots of a workspace as they are now; held only as long as nobody else starts a run meanwhile.

    Raises:
        ConfigError: ``launch.gpus`` or the whole configuration is wrong.
    """
    settings = workspace.config
    if settings.launch.launcher == "slurm":
        return Slots(sys.maxsize, (), ())  # SLURM has a queue of its own.
    training = tuple(_training(workspace.run_folders()))
    gives = settings.engine.device != "cpu" and settings.launch.gpus != "off"
    gpus = allowed(find_gpus(), settings.launch.gpus) if gives else ()
    return Slots(settings.launch.max_running or max(len(gpus), 1), training, gpus)


def ranks_of(run: RunFolder) -> int:
    """Processes that train a run together.

    Raises:
        RunError: Its spec cannot be read.
    """
    return read_spec(run.spec_path).training.ranks


def _training(runs: Iterable[RunFolder]) -> Iterable[Training]:
    for run in runs:
        status = run_status(run)
        if status.state.is_live and status.job is None:  # SLURM sees to its own.
            proc = read_proc(run.attempt(status.attempt)) if status.attempt else None
            yield Training(run.name, tuple(proc.gpus) if proc else ())
