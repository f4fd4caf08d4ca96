"""One row of the table ``resources``: what a run's processes use, and what is left."""

import math
import os
import time
from threading import Lock

import torch

from ravetui.engine.launch.gpus import gpu_use
from ravetui.engine.resources.host import FolderSize, cores, disk_free, memory
from ravetui.engine.resources.process_tree import ProcessTree
from ravetui.engine.training.ranks import ALONE, Ranks
from ravetui.runs.folder import RunFolder


class ResourceMeter:
    """Measures what one attempt uses; the first look only begins the rates.

    Args:
        run: Whose disk and folder are looked at.
        device: Where this rank computes.
        ranks: Who trains together: all their processes, loader workers too, and all their GPUs are counted.
    """

    def __init__(self, run: RunFolder, device: torch.device, ranks: Ranks = ALONE) -> None:
        self._run = run
        self._device = device
        # Of several ranks the parent is torchrun, whose children they are.
        self._tree = ProcessTree(os.getpid() if ranks.size == 1 else os.getppid())
        self._gpus = _uuids(ranks.size) if device.type == "cuda" else ()
        self._folder = FolderSize(run.path)
        self._lock = Lock()
        self._waited = self._computed = 0.0
        self._looked = time.monotonic()
        self._tree.look()

    def count_step(self, data_seconds: float, step_seconds: float) -> None:
        """Hear of a step: how long it waited for data and how long it took then, seconds."""
        with self._lock:
            self._waited += data_seconds
            self._computed += step_seconds

    def look(self) -> dict[str, float]:
        """A row of the table ``resources``; NaN is what this machine does not say."""
        use, now = self._tree.look(), time.monotonic()
        seconds, self._looked = max(now - self._looked, 1e-3), now
        with self._lock:
            waited, computed, self._waited, self._computed = self._waited, self._computed, 0.0, 0.0
        total, here = waited + computed, memory()
        gpu = gpu_use(self._gpus) if self._gpus else None
        reserved = torch.cuda.memory_reserved(self._device) if self._device.type == "cuda" else math.nan
        return {
            "cpu_cores": use.cpu_seconds / seconds,
            "cpu_total_cores": cores(),
            "memory_bytes": use.memory,
            "memory_free_bytes": here.free,
            "memory_total_bytes": here.total,
            "gpu_percent": gpu.percent if gpu else math.nan,
            "gpu_memory_bytes": gpu.used if gpu else math.nan,
            "gpu_total_bytes": gpu.total if gpu else math.nan,
            "gpu_reserved_bytes": float(reserved),
            "disk_free_bytes": disk_free(self._run.path),
            "run_bytes": self._folder.look(),
            "read_bytes_s": use.read / seconds,
            "written_bytes_s": use.written / seconds,
            "data_share": waited / total if total > 0 else math.nan,
        }


def _uuids(count: int) -> tuple[str, ...]:
    """The UUIDs of the first GPUs that torch sees, as ``nvidia-smi`` writes them."""
    return tuple(f"GPU-{torch.cuda.get_device_properties(number).uuid}" for number in range(count))
