"""When a run will end whose second phase nobody has timed: from its throw-away steps, or from another run's.

Either gives the ratio of a step of phase 2 to one of phase 1, so that the machine's own pace of today counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ravetui.errors import RavetuiError
from ravetui.runs.eta import Part
from ravetui.runs.folder import RunFolder
from ravetui.runs.foreign.source_watch import foreign_runs
from ravetui.runs.foreign.watcher import ForeignWatcher
from ravetui.runs.progress import Progress
from ravetui.runs.spec import RunSpec
from ravetui.runs.summary import RunSummary, summarise
from ravetui.runs.workspace import Workspace

MEASURED = "measured"
"""What :attr:`Progress.estimated_from` says of a run's own throw-away steps."""
SPREAD_OF_A_RUN = 0.08
"""How far a ratio that another run has shown may be off, on the scale of logarithms: half of an 80 % interval."""
SPREAD_OF_STEPS = 0.15
"""The same for one that a few throw-away steps have shown."""
SPREAD_ELSEWHERE = 0.4
"""The same for a run on another kind of device."""

Shape = tuple[object, ...]


def all_summaries(workspace: Workspace, damaged: Callable[[RunFolder, RavetuiError], None]) -> list[RunSummary]:
    """Look once at every run of a workspace, with an estimated end where another run allows one.

    Args:
        damaged: Hears of each run that cannot be read; it is left out.
    """
    found = []
    for folder in workspace.run_folders():
        try:
            found.append(summarise(folder))
        except RavetuiError as error:
            damaged(folder, error)
    return with_estimates(found)


def foreign_summaries(workspace: Workspace, missing: Callable[[str], None]) -> list[RunSummary]:
    """Look once at every run of other programs that a workspace shows.

    Args:
        missing: Hears a sentence of each source in which there is nothing.

    Raises:
        ConfigError: ``config.toml`` is damaged.
    """
    others = foreign_runs(workspace)
    for item in others.missing:
        missing(item.sentence)
    return [ForeignWatcher(run).summary() for run in others.runs]


def with_estimate(workspace: Workspace, own: RunSummary) -> RunSummary:
    """One run with an estimated end; the other runs are only read when it has none of its own and trains."""
    if own.progress.eta_s is not None or not own.status.state.is_live:
        return own
    known = all_summaries(workspace, lambda _folder, _error: None)
    return with_estimates([own, *(item for item in known if item.name != own.name)])[0]


def with_estimates(summaries: Sequence[RunSummary]) -> list[RunSummary]:
    """Fill in the end of runs in phase 1.

    From the newest other run of the same shape, if possible on the same kind of device, whose phase 2 has been timed;
    without one from the steps that were thrown away at the run's own start. Such an end is marked with the name of that
    run, or as measured: it is an estimate.
    """
    known: dict[Shape, RunSummary] = {}
    for summary in sorted(summaries, key=lambda item: item.spec.created):
        if summary.progress.phase_2_seconds_per_step is not None:
            known[shape_of(summary.spec)] = known[shape_of(summary.spec), summary.device] = summary
    return [_estimated(summary, known) for summary in summaries]


def with_phase_2(where: Progress, ratio: float, spread: float, source: str) -> Progress:
    """A progress with an end.

    Args:
        where: In a phase 1 that has been timed; else it stays as it is.
        ratio: A step of phase 2 to one of phase 1, validations apart.
        spread: How far that may be off, on the scale of logarithms.
        source: Where it comes from, for :attr:`Progress.estimated_from`.
    """
    first = where.step_s[0]
    if where.course is None or first is None or where.eta is not None:
        return where
    eta = where.course.end(Part(ratio * first, spread))
    return replace(where, eta=eta, eta_s=eta.seconds, estimated_from=source)


def shape_of(spec: RunSpec) -> Shape:
    """What the time of a step depends on, the machine aside."""
    training = spec.training
    work = (training.batch_size, training.ranks, training.crop, training.discriminator_every)
    return (spec.model, spec.loss.stft_scales, *work)


def _estimated(summary: RunSummary, known: dict[Shape, RunSummary]) -> RunSummary:
    where, shape = summary.progress, shape_of(summary.spec)
    same = known.get((shape, summary.device))
    other = same or (None if summary.phase_2_ratio else known.get(shape))
    if other is not None:
        spread = SPREAD_OF_A_RUN if same else SPREAD_ELSEWHERE
        first, second = other.progress.step_s
        if first and second:
            return replace(summary, progress=with_phase_2(where, second / first, spread, other.name))
        if second and (own := where.step_s[0]):
            return replace(summary, progress=with_phase_2(where, second / own, SPREAD_ELSEWHERE, other.name))
    if summary.phase_2_ratio:
        return replace(summary, progress=with_phase_2(where, summary.phase_2_ratio, SPREAD_OF_STEPS, MEASURED))
    return summary
