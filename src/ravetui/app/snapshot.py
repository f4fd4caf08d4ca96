"""What one look at the workspace saw: immutable values that travel from the reading thread to the panes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ravetui.app.arrangement import Read
from ravetui.app.timeline import Timeline
from ravetui.runs.ratings import Ratings
from ravetui.runs.run_state import RunState

if TYPE_CHECKING:
    from ravetui.app.judged import JudgedSeries
    from ravetui.runs.advice import Advice
    from ravetui.runs.checkpoints import Checkpoint
    from ravetui.runs.events import Event
    from ravetui.runs.foreign.folder import ForeignFolder
    from ravetui.runs.history import Series
    from ravetui.runs.jobs import Job
    from ravetui.runs.resources import Resources
    from ravetui.runs.samples import Sample
    from ravetui.runs.scores import ScoreRecord
    from ravetui.runs.summary import RunSummary


@dataclass(frozen=True)
class Gaze:
    """What the person looks at, and so what is read in detail."""

    run: str | None = None
    tags: tuple[str, ...] = ()
    """Curves on the screen."""
    step: int | None = None
    """The selected checkpoint; None: the newest."""
    smoothing: float = 0.0
    """How far the curves are smoothed just now."""


@dataclass(frozen=True)
class Went:
    """Where the person's hand moved the cursor: to a run, or to a step of it."""

    run: str
    step: int | None


@dataclass(frozen=True)
class RunRow:
    """One run of the list: its summary, or why there is none."""

    name: str
    summary: RunSummary | None
    fault: str = ""
    """One sentence when its folder is damaged."""
    fault_title: str = ""
    """The same in two words."""
    unread: bool = False
    """Whether it has only been found so far: it is read within the next looks."""
    requests: frozenset[str] = frozenset()
    """What was asked of its trainer and is not obeyed yet."""
    foreign: ForeignFolder | None = None
    """Where it lies when another program wrote it."""
    note: str = ""
    """What its ``notes.md`` says."""

    @property
    def is_live(self) -> bool:
        """Whether a process of the run is there."""
        return self.summary is not None and self.summary.status.state.is_live

    @property
    def is_queued(self) -> bool:
        """Whether it waits for a slot of ours."""
        status = self.summary.status if self.summary else None
        return status is not None and status.state is RunState.QUEUED and not status.waits_in_slurm

    @property
    def waits_in_slurm(self) -> bool:
        """Whether it has a job of SLURM's that has not begun."""
        return self.summary is not None and self.summary.status.waits_in_slurm


@dataclass(frozen=True)
class StepRow:
    """One step of a run that has a checkpoint, samples or scores."""

    step: int
    phase: int
    validation: float | None
    checkpoint: Checkpoint | None
    """None when its weights have been deleted."""
    score: ScoreRecord | None
    """The newest."""
    job: Job | None
    """A scoring that runs or has failed."""


@dataclass(frozen=True, eq=False)
class Curves:
    """The series of some tags; the same object as long as nothing was appended."""

    series: Mapping[str, Series] = field(default_factory=dict)
    tags: tuple[str, ...] | None = None
    """Every tag that a run of another program has; None: the run has those of our own tables."""
    judged: Mapping[str, JudgedSeries] = field(default_factory=dict)
    """Those of them that were said of checkpoints: all there are, whatever is looked at."""
    timeline: Timeline = field(default_factory=Timeline)
    """Where the run begins."""
    rare: frozenset[str] = frozenset()
    """Tags of tables that most runs have nothing in and this one has."""

    @property
    def optional(self) -> frozenset[str]:
        """Tags of curves that not every run has and this one does."""
        return self.rare.union(self.judged, self.tags or ())


@dataclass(frozen=True)
class Detail:
    """Everything the panes show of one run."""

    run: str = ""
    curves: Curves = field(default_factory=Curves)
    steps: tuple[StepRow, ...] = ()
    """Newest first."""
    sample_step: int | None = None
    """The step whose samples these are."""
    samples: tuple[Sample, ...] = ()
    newest: tuple[Sample, ...] = ()
    """The newest there are, whichever step is looked at."""
    looked_at: int | None = None
    """The step that was gazed at when this was read."""
    ratings: Ratings = field(default_factory=Ratings)
    """What was said of its clips by ear."""
    advice: tuple[Advice, ...] = ()
    """What its curves suggest, the most urgent first."""
    resources: Resources | None = None
    """What it uses, as its trainer saw it a moment ago; None when it does not train."""
    best: float | None = None
    """Lowest validation distance of the present phase."""
    events: tuple[Event, ...] = ()
    """The newest, oldest first."""
    log: tuple[str, ...] = ()
    """The last lines that the newest process printed."""
    log_attempt: int = 0
    """Which attempt printed them; 0: none."""

    @property
    def saved(self) -> int | None:
        """Step of the newest checkpoint."""
        return next((row.step for row in self.steps if row.checkpoint is not None), None)


@dataclass(frozen=True)
class Snapshot:
    """One look."""

    runs: tuple[RunRow, ...] = ()
    detail: Detail | None = None
    datasets: tuple[str, ...] = ()
    """Names of the prepared datasets."""
    trash: str = ""
    """Name of the run that was deleted last; empty: none."""
    charts: Read = field(default_factory=Read)
    """Which charts the person wants to see."""

    def run(self, name: str | None) -> RunRow | None:
        """The row of that name."""
        return next((row for row in self.runs if row.name == name), None)

    @cached_property
    def live(self) -> int:
        """How many runs train."""
        return sum(row.is_live for row in self.runs)
