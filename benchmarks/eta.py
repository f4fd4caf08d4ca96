"""How far the ETA of a run is off, and how often the truth lies in its 80 % interval.

Runs are replayed: at points between their third epoch and their end, the same code that the screen uses says from the
records until then when the phase and the run will end, and the truth is what then came. Simulated runs of eight kinds:

- `steady`, `noisy` (step times correlated over a hundred steps), `another job` (a third of the time, up to twice as
  slow), `drift` (a fifth to a third slower, or faster, over the run), `long validations` (a third of all time),
  `resumes` (stops and kills, hours long), `asleep` (the machine slept), `phase 2` (eight times slower).

Given folders of runs (`python benchmarks/eta.py RUN ...`) they are replayed too.

For each kind and for all: `error`, the median of |ETA - truth| / truth, and `covered`, the share of truths in the
interval; they must be at most 0.05, and 0.75 to 0.85 overall. `last_pace` is the same error for what is usual: the pace
of the last 500 steps, times what is left. Prints one JSON document.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ravetui.runs.epochs import epochs_of
from ravetui.runs.estimate import with_phase_2
from ravetui.runs.events import read_events
from ravetui.runs.folder import RunFolder
from ravetui.runs.history import RunHistory
from ravetui.runs.journal import Records, record_type
from ravetui.runs.model_spec import ModelSpec
from ravetui.runs.pace import step_times
from ravetui.runs.progress import Progress, Transition, progress, transitions
from ravetui.runs.spec import DataRef, RunSpec, read_spec
from ravetui.runs.tables import TABLES
from ravetui.runs.training_spec import LossSpec, TrainingSpec

RUNS = 60
"""Of each kind."""
POINTS = 12
"""Of each run."""
FIRST_EPOCHS = 3
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A whole run, and what its steps took."""

    spec: RunSpec
    steps: Records
    changes: tuple[Transition, ...] = ()
    resumed: tuple[int, ...] = ()
    last_pause: float = 0.0
    """The validation after the last step, seconds."""
    ratio: float | None = None
    """Phase 2 to phase 1, as its throw-away steps measured it."""


@dataclass
class Tally:
    """What was said and what came."""

    errors: list[float] = field(default_factory=list)
    usual: list[float] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)

    def as_dict(self) -> dict[str, float]:
        """Rounded."""
        return {
            "points": len(self.errors),
            "error": round(float(np.median(self.errors)), 4),
            "covered": round(float(np.mean(self.covered)), 3),
            "last_pace": round(float(np.median(self.usual)), 4),
        }


def simulated(kind: str, rng: np.random.Generator) -> Case:
    """A run of a kind."""
    per_epoch = int(rng.choice([60, 200, 500]))
    epochs = int(rng.integers(12, 40))
    total = per_epoch * epochs
    cycle = int(rng.choice([per_epoch // 2, per_epoch, 3 * per_epoch]))
    pace = float(rng.choice([0.05, 0.4, 3.0]))
    phase_1 = total // 2 if kind == "phase 2" else total
    training = TrainingSpec(phase_1_steps=phase_1, total_steps=total, validate_every=cycle)
    spec = RunSpec(kind, kind, "", "v1", ModelSpec(), LossSpec(), training, DataRef("", "", "", per_epoch))
    own = pace * LEVELS.get(kind, steady)(total, per_epoch, rng)
    own *= np.exp(rng.normal(0, 0.02, total))
    one = pace * cycle * (rng.uniform(0.3, 0.6) if kind == "long validations" else 0.03)
    pauses = np.zeros(total)
    after = np.arange(cycle, total, cycle)
    pauses[after] = one * np.exp(rng.normal(0, 0.15, len(after)))
    ratio = None
    changes: tuple[Transition, ...] = ()
    if kind == "phase 2":
        slower = rng.uniform(5, 10)
        own[phase_1:] *= slower
        generator = np.arange(phase_1, total) % training.discriminator_every > 0
        own[phase_1:] *= np.where(generator, 1.2, 0.8)
        ratio, changes = slower * float(np.exp(rng.normal(0, 0.08))), (Transition(2, phase_1),)
    nobody = np.zeros(total)
    resumed: tuple[int, ...] = ()
    if kind in ("resumes", "asleep"):
        stops = np.sort(rng.choice(np.arange(per_epoch, total - 1), 4, replace=False))
        nobody[stops] = rng.uniform(600, 36_000, 4) if kind == "resumes" else rng.uniform(7_200, 36_000, 4)
        resumed = tuple(int(stop) for stop in stops) if kind == "resumes" else ()
        own[stops] *= 5.0 if kind == "resumes" else 1.0
    steps = np.zeros(total, dtype=record_type(TABLES["steps"]))
    steps["step"] = np.arange(1, total + 1)
    steps["phase"] = 1 + (steps["step"] > phase_1)
    steps["step_seconds"], steps["time"] = own, 1.7e9 + np.cumsum(own + pauses + nobody)
    return Case(spec, steps, changes, resumed, one, ratio)


def steady(total: int, _per_epoch: int, _rng: np.random.Generator) -> Floats:
    """Nothing happens."""
    return np.ones(total)


def noisy(total: int, _per_epoch: int, rng: np.random.Generator) -> Floats:
    """Correlated over about a hundred steps, with a few long ones."""
    noise = rng.normal(0, 1, total)
    level = np.empty(total)
    last = 0.0
    for number in range(total):
        last = level[number] = 0.99 * last + noise[number] * np.sqrt(1 - 0.99**2)
    return np.exp(0.25 * level) + 10.0 * (rng.random(total) < 0.002)


def another_job(total: int, per_epoch: int, rng: np.random.Generator) -> Floats:
    """Comes and goes, a third of the time in the long run."""
    level = np.ones(total)
    mean = per_epoch * rng.uniform(0.3, 3.0)
    slower, at, busy = rng.uniform(1.3, 2.0), 0, bool(rng.random() < 1 / 3)
    while at < total:
        length = max(int(rng.exponential(mean if busy else 2 * mean)), 1)
        level[at : at + length] = slower if busy else 1.0
        at, busy = at + length, not busy
    return level


def drift(total: int, _per_epoch: int, rng: np.random.Generator) -> Floats:
    """Slower or faster by a fifth to a third over the run."""
    end = rng.uniform(1.2, 1.33) ** rng.choice([-1, 1])
    return np.linspace(1.0, end, total)


LEVELS: dict[str, Callable[[int, int, np.random.Generator], Floats]] = {
    "noisy": noisy,
    "another job": another_job,
    "drift": drift,
}
KINDS = ("steady", "noisy", "another job", "drift", "long validations", "resumes", "asleep", "phase 2")


def replay(case: Case, rng: np.random.Generator, tally: Tally) -> None:
    """Ask at some points of a run, and compare with what came."""
    spec, steps = case.spec, case.steps
    per_epoch, cycle, total = spec.data.steps_per_epoch, spec.training.validate_every, len(steps)
    found = step_times(steps, cycle=cycle, resumed=case.resumed)
    passed = np.cumsum(found.own + found.pause)
    epochs = epochs_of(steps, per_epoch=per_epoch, cycle=cycle, resumed=case.resumed)
    first = FIRST_EPOCHS * per_epoch
    boundary = next((change.step for change in case.changes), total)
    for at in np.sort(rng.integers(first, max(total - per_epoch // 4, first + 1), POINTS)).tolist():
        changes = tuple(change for change in case.changes if change.step < at)
        resumed = [item for item in case.resumed if item < at]
        where = progress(spec, steps[:at], changes, resumed, epochs[epochs["step"] <= at])
        if where.eta is None and case.ratio is not None:
            where = with_phase_2(where, case.ratio, 0.1, "measured")
        now = passed[at - 1]
        if at < boundary < total:
            compare(tally, where, where.phase_eta, passed[boundary - 1] + found.pause[boundary] - now, boundary - at)
        compare(tally, where, where.eta, passed[total - 1] + case.last_pause - now, total - at)


def compare(tally: Tally, where: Progress, eta: object, truth: float, left: int) -> None:
    """One answer with the truth."""
    if eta is None or truth <= 0 or where.seconds_per_step is None:
        return
    tally.errors.append(abs(eta.seconds - truth) / truth)  # type: ignore[attr-defined]
    tally.covered.append(eta.low <= truth <= eta.high)  # type: ignore[attr-defined]
    tally.usual.append(abs(where.seconds_per_step * left - truth) / truth)


def recorded(path: Path) -> Case:
    """A run of ours, as far as it got."""
    run = RunFolder(path)
    history = RunHistory(run)
    history.poll()
    spec, steps, resumed = read_spec(run.spec_path), history.records("steps"), history.resumed_at()
    last = int(steps["step"][-1])
    training = replace(spec.training, total_steps=last, phase_1_steps=min(spec.training.phase_1_steps, last))
    changes = transitions(read_events(run.events), resumed)
    ended = [event.time for event in read_events(run.events) if event.kind == "finished"]
    last_pause = ended[-1] - float(steps["time"][-1]) if ended else 0.0
    return Case(replace(spec, training=training), steps, changes, tuple(resumed.values()), last_pause)


def cases(arguments: list[str]) -> Iterator[tuple[str, Case]]:
    """Every run to be replayed, with its kind."""
    for kind in KINDS:
        for number in range(RUNS):
            yield kind, simulated(kind, np.random.default_rng([number, KINDS.index(kind)]))
    for argument in arguments:
        yield "recorded", recorded(Path(argument))


def main(arguments: list[str]) -> None:
    """Replay all and print what came out."""
    tallies: dict[str, Tally] = {}
    together = Tally()
    for number, (kind, case) in enumerate(cases(arguments)):
        for tally in (tallies.setdefault(kind, Tally()), together):
            replay(case, np.random.default_rng(number), tally)
    print(json.dumps({kind: tally.as_dict() for kind, tally in (*tallies.items(), ("all", together))}, indent=2))


if __name__ == "__main__":
    main(sys.argv[1:])
