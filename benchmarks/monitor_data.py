"""Workspaces with long runs, as a trainer would have written them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.record_format import record_type
from ravetui.runs.tables import TABLES
from ravetui.runs.workspace import Workspace
from tests.run_maker import MadeRun, workspace_in

Floats = NDArray[np.float64]
TAGS = (
    "phase",
    "step_seconds",
    "data_seconds",
    "loss",
    "fullband_spectral_distance",
    "multiband_spectral_distance",
    "regularization",
    "beta_factor",
    "learning_rate",
    "feature_matching",
    "adversarial",
)
"""The long curves of a run: nine with a point a step, two with a point every other step."""


def curves(steps: int, seed: int) -> dict[str, tuple[NDArray[np.int64], Floats]]:
    """Steps and values of each of :data:`TAGS`; ten times as many points as steps."""
    draw = np.random.default_rng(seed)
    every = np.arange(1, steps + 1)
    other = every[1::2]
    loss = 3.9 + 3.4 * np.exp(-every / (steps / 8)) + draw.normal(0, 0.15, steps)
    values = {
        "phase": np.ones(steps),
        "step_seconds": draw.normal(0.4, 0.01, steps),
        "data_seconds": draw.random(steps) / 100,
        "loss": loss + 0.1,
        "fullband_spectral_distance": loss,
        "multiband_spectral_distance": loss / 2,
        "regularization": draw.random(steps),
        "beta_factor": np.linspace(0, 0.1, steps),
        "learning_rate": np.full(steps, 1e-3),
        "feature_matching": draw.normal(8, 1, other.size),
        "adversarial": draw.normal(0, 1, other.size),
    }
    return {tag: (every if found.size == steps else other, found) for tag, found in values.items()}


def long_run(workspace: Workspace, name: str, steps: int, *, seed: int = 0, live: bool = False) -> MadeRun:
    """A run of ten points a step, validated two hundred times; ended unless it is to be live."""
    run = MadeRun(workspace, name, phase_1_steps=2 * steps, total_steps=4 * steps).begin(live=live)
    found = curves(steps, seed)
    for table in ("steps", "reconstruction", "adversarial"):
        step = found[TABLES[table][0]][0]
        append(run, table, step, [found[tag][1] for tag in TABLES[table]])
    validated = np.arange(steps // 200, steps + 1, steps // 200)
    distance = 4 + 3.4 * np.exp(-validated / (steps / 8))
    append(run, "validation", validated, [distance, distance / 2, np.ones(validated.size)])
    run.step = steps
    if not live:
        run.end("finished", "all steps done")
    return run


def append(run: MadeRun, table: str, steps: NDArray[np.int64], values: Sequence[Floats]) -> None:
    """Many records at once, byte for byte what :class:`~ravetui.runs.journal.JournalWriter` writes one by one."""
    import zlib

    records = np.zeros(steps.size, dtype=record_type(TABLES[table]))
    records["step"], records["time"] = steps, 1.7e9 + 0.4 * steps
    for name, column in zip(TABLES[table], values, strict=True):
        records[name] = column
    raw, width = records.tobytes(), records.dtype.itemsize
    bodies = memoryview(raw)
    records["crc"] = [zlib.crc32(bodies[start : start + width - 4]) for start in range(0, len(raw), width)]
    with (run.folder.attempt(run.attempt).metrics / f"{table}.bin").open("ab") as file:
        file.write(records.tobytes())


def one_run(folder: Path, steps: int, *, live: bool = False) -> tuple[Workspace, MadeRun]:
    """A workspace with one long run."""
    workspace = workspace_in(folder, refresh_seconds=0.5)
    return workspace, long_run(workspace, "long", steps, live=live)


def many_runs(folder: Path, count: int, steps: int) -> Workspace:
    """A workspace with runs of that many steps, all ended."""
    workspace = workspace_in(folder, refresh_seconds=0.5)
    for number in range(count):
        created = f"2026-{1 + number // 28 % 12:02d}-{1 + number % 28:02d}T00:00:00+00:00"
        if steps >= 100_000:
            long_run(workspace, f"run-{number}", steps, seed=number)
        else:
            MadeRun(workspace, f"run-{number:04d}", created).begin().train(steps).end("stopped", "asked")
    return workspace
