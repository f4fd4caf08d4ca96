"""The GPUs of this machine and what fills them, as ``nvidia-smi`` says it: without one there are none."""

import csv
import math
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ravetui.errors import ConfigError

FILLED = 0.1
"""A GPU of whose memory more than this share is in use belongs to somebody; a desktop takes less."""
_MIB = 1024.0**2
_SECONDS = 20.0
"""A driver that has to be loaded takes some seconds; one that hangs longer is no driver."""


@dataclass(frozen=True)
class Gpu:
    """One GPU and what is in its memory."""

    index: int
    uuid: str
    name: str
    used: int
    """Memory in use, MiB."""
    total: int
    """MiB."""
    users: tuple[str, ...] = ()
    """Who computes on it, as ``python (pid 4711, 20 480 MiB)``, largest first."""

    @property
    def is_filled(self) -> bool:
        """Whether somebody else has it."""
        return self.used > FILLED * self.total


@dataclass(frozen=True)
class GpuUse:
    """How busy GPUs are, together."""

    percent: float
    """The part of the last second in which any kernel ran, their mean, 0 to 100; NaN where the driver does not say."""
    used: float
    """Memory in use by anybody, bytes."""
    total: float
    """Bytes."""


def gpu_use(uuids: Sequence[str]) -> GpuUse | None:
    """How busy these GPUs are now; None when ``nvidia-smi`` does not know one of them."""
    known = _ask("--query-gpu=uuid,utilization.gpu,memory.used,memory.total")
    rows = {uuid: [float(word) if word.isdigit() else math.nan for word in rest] for uuid, *rest in known}
    found = [rows[uuid] for uuid in uuids if len(rows.get(uuid, [])) == 3]
    if not found or len(found) != len(uuids):
        return None
    busy, used, total = zip(*found, strict=True)
    return GpuUse(sum(busy) / len(busy), sum(used) * _MIB, sum(total) * _MIB)


def find_gpus() -> tuple[Gpu, ...]:
    """Every GPU of this machine, in the order of ``nvidia-smi``."""
    found = _ask("--query-gpu=index,uuid,name,memory.used,memory.total")
    users: dict[str, list[tuple[int, str]]] = {}
    for uuid, pid, name, used in _ask("--query-compute-apps=gpu_uuid,pid,process_name,used_memory") if found else []:
        size = int(used) if used.isdigit() else 0  # a container may not be told: [N/A]
        users.setdefault(uuid, []).append((size, f"{name.rpartition('/')[2]} (pid {pid}, {size} MiB)"))
    return tuple(
        Gpu(int(index), uuid, name, int(used), int(total), tuple(text for _, text in sorted(users.get(uuid, []))[::-1]))
        for index, uuid, name, used, total in found
        if index.isdigit() and used.isdigit() and total.isdigit()
    )


def allowed(gpus: Sequence[Gpu], setting: str, environment: Mapping[str, str] = os.environ) -> tuple[Gpu, ...]:
    """The GPUs that runs may be given.

    Args:
        setting: ``launch.gpus``: ``auto``, ``off``, or indices such as ``0,2``.
        environment: Where ``CUDA_VISIBLE_DEVICES`` may leave some out already.

    Raises:
        ConfigError: The setting is none of these, or names a GPU that is not there.
    """
    if setting == "off":
        return ()
    words = [word.strip() for word in setting.split(",")]
    if setting != "auto":
        if not all(word.isdigit() for word in words):
            raise ConfigError("Bad setting", f"launch.gpus is {setting!r}.", "It is auto, off, or numbers as '0,2'.")
        there = {str(gpu.index): gpu for gpu in gpus}
        missing = [word for word in words if word not in there]
        if missing and gpus:
            raise ConfigError("No such GPU", f"launch.gpus names GPU {missing[0]}; there are {', '.join(there)}.")
        return tuple(there[word] for word in words if word in there)
    if (visible := environment.get("CUDA_VISIBLE_DEVICES")) is not None:
        seen = [word.strip() for word in visible.split(",")]
        return tuple(gpu for gpu in gpus if any(word and _is(gpu, word) for word in seen))
    return tuple(gpus)


def _is(gpu: Gpu, word: str) -> bool:
    """Whether a word of ``CUDA_VISIBLE_DEVICES`` means this GPU: its index, or the beginning of its UUID."""
    return word == str(gpu.index) or (word.startswith("GPU-") and gpu.uuid.startswith(word))


def _ask(query: str) -> list[list[str]]:
    """The rows of one query; none when there is no driver."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    try:
        done = subprocess.run(
            [program, query, "--format=csv,noheader,nounits"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [row for row in csv.reader(done.stdout.splitlines(), skipinitialspace=True) if row]
