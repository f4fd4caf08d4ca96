"""When a run will end whose second phase nobody has timed: from another run of the same shape."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from ravetui.errors import RavetuiError
from ravetui.runs.folder import RunFolder
from ravetui.runs.foreign.source_watch import foreign_runs
from ravetui.runs.foreign.watcher import ForeignWatcher
from ravetui.runs.spec import RunSpec
from ravetui.runs.summary import RunSummary, summarise
from ravetui.runs.workspace import Workspace

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
    """Fill in the end of runs in phase 1 from the newest other run of the same shape whose phase 2 has been timed.

    Such an end is marked with the name of that run: it is an estimate, and on another machine a bad one.
    """
    known: dict[Shape, RunSummary] = {}
    for summary in sorted(summaries, key=lambda item: item.spec.created):
        if summary.progress.phase_2_seconds_per_step is not None:
            known[_shape(summary.spec)] = summary
    return [_estimated(summary, known.get(_shape(summary.spec))) for summary in summaries]


def _estimated(summary: RunSummary, other: RunSummary | None) -> RunSummary:
    where = summary.progress
    if where.eta_s is not None or where.phase_eta_s is None or other is None:
        return summary
    pace = other.progress.phase_2_seconds_per_step
    assert pace is not None
    eta = where.phase_eta_s + (where.total_steps - where.phase_end_step) * pace
    return replace(summary, progress=replace(where, eta_s=eta, estimated_from=other.name))


def _shape(spec: RunSpec) -> Shape:
    """What the time of a step depends on, the machine aside."""
    training = spec.training
    work = (training.batch_size, training.ranks, training.crop, training.discriminator_every)
    return (spec.model, spec.loss.stft_scales, *work)
