"""What a run's processes used and what was left when its trainer looked last: a row of the table ``resources``."""

import math
from dataclasses import asdict, dataclass

from ravetui.runs.journal import Records

GIB = 1024.0**3
STALE = 60.0
"""Seconds after which a row says nothing of now: the trainer looks every ten."""


@dataclass(frozen=True)
class Resources:
    """One look; None is what the machine did not say. Rates are over the time since the look before."""

    step: int
    time: float
    """Unix time, seconds."""
    cpu_cores: float | None
    """CPU time a second of the trainer, its loader workers and its ranks."""
    cpu_total_cores: float | None
    """Cores that the run may use."""
    memory_bytes: float | None
    """Memory that only its processes hold; pages of files, such as the dataset's, are not counted."""
    memory_free_bytes: float | None
    """What the machine, or the control group the run is in, can still give."""
    memory_total_bytes: float | None
    gpu_percent: float | None
    """The part of the time in which its GPUs computed, their mean, 0 to 100."""
    gpu_memory_bytes: float | None
    """In use on its GPUs, by anybody."""
    gpu_total_bytes: float | None
    gpu_reserved_bytes: float | None
    """What torch holds of the GPU of rank 0."""
    disk_free_bytes: float | None
    """Where the run's folder lies."""
    run_bytes: float | None
    """What the run's folder takes there."""
    read_bytes_s: float | None
    """From disks, bytes a second; what the kernel has in its cache is not read again."""
    written_bytes_s: float | None
    data_share: float | None
    """The part of a step's time, 0 to 1, in which the trainer waits for data; None when no step was made."""

    @property
    def machine(self) -> str:
        """The busiest part in a few words: ``GPU 97 % 11.2/24 GB``, or ``CPU 7.2/16 cores 3.1/64 GB``.

        Memory is counted in units of 2^30 bytes, as cards and memory are sold.
        """
        if self.gpu_memory_bytes is not None and self.gpu_total_bytes is not None:
            busy = "" if self.gpu_percent is None else f" {self.gpu_percent:.0f} %"
            return f"GPU{busy} {_of(self.gpu_memory_bytes, self.gpu_total_bytes)}"
        cores = "" if self.cpu_cores is None else f"CPU {self.cpu_cores:.1f}/{self.cpu_total_cores or 0:g} cores"
        if self.memory_bytes is None or self.memory_total_bytes is None:
            return cores
        return f"{cores} {_of(self.memory_bytes, self.memory_total_bytes)}".strip()

    def is_of(self, now: float) -> bool:
        """Whether it says something of a Unix time."""
        return now - self.time < STALE

    def as_dict(self) -> dict[str, float | None]:
        """What ``run show --json`` says."""
        return asdict(self)


def newest(records: Records) -> Resources | None:
    """The last row of the table; None before the trainer has looked."""
    if not len(records):
        return None
    row = records[-1]
    names = [name for name in Resources.__dataclass_fields__ if name not in ("step", "time")]
    values = {name: float(row[name]) for name in names}
    known = {name: value if math.isfinite(value) else None for name, value in values.items()}
    return Resources(int(row["step"]), float(row["time"]), **known)


def _of(used: float, total: float) -> str:
    whole = total / GIB
    return f"{used / GIB:.1f}/{whole:.0f} GB" if whole >= 10 else f"{used / GIB:.1f}/{whole:.1f} GB"
