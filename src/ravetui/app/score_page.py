"""What the scores view says of one checkpoint: made off the screen's thread, out of files and the cache."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ravetui.app.judged import JudgedSeries, judged_series, judgements_of, score_tag
from ravetui.errors import ScoreError
from ravetui.metrics.cache import EmbeddingCache
from ravetui.metrics.stored import Comparison, compare_scores
from ravetui.runs.folder import RunFolder
from ravetui.runs.scores import ScoreRecord, list_scores

Kind = tuple[str, str]
"""Embedder and reference: scores of different kinds are never compared."""


@dataclass(frozen=True)
class Question:
    """What is to be looked at."""

    step: int
    """The scored checkpoint, or the nearest earlier one that is scored."""
    marked: frozenset[int] = frozenset()
    """With exactly one other scored checkpoint among them, that is what it is compared with."""
    kind: Kind | None = None
    """None: that of the checkpoint's newest score."""


@dataclass(frozen=True)
class Driver:
    """A clip that the distance comes from, or hardly comes from."""

    name: str
    share: float
    """Of KID, in the unit in which that is shown."""
    at: float
    """The second of the window that adds most."""
    path: Path
    start: float
    """Where the clip begins in the file, seconds."""
    original: Path | None
    """Of a reconstruction; None for a reference clip, which the checkpoint lacks."""


@dataclass(frozen=True)
class ScorePage:
    """One checkpoint's score, its history and its comparison."""

    record: ScoreRecord | None = None
    """None: nothing is scored."""
    kind: Kind = ("", "")
    kinds: tuple[Kind, ...] = ()
    """All there are of the run."""
    scored: tuple[int, ...] = ()
    """Steps with a score of this kind, ascending."""
    history: Mapping[str, JudgedSeries] = field(default_factory=dict)
    """Of each metric, over the checkpoints."""
    against: int | None = None
    """The checkpoint that it is compared with."""
    comparison: Comparison | None = None
    why: str = ""
    """Why there is no comparison."""
    drivers: tuple[Driver, ...] = ()
    """What it makes too much of, worst first, then what it makes well; then what it lacks."""

    @property
    def document(self) -> Mapping[str, Any]:
        """All that was stored of the score."""
        return self.record.document if self.record else {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What has to be known before the numbers."""
        return tuple(self.document.get("warnings", ()))


def read_page(run: RunFolder, question: Question, cache: EmbeddingCache | None) -> ScorePage:
    """Read a run's scores and compare two of them in pairs."""
    records = list_scores(run)
    if not records:
        return ScorePage()
    kinds = tuple(dict.fromkeys(_kind(record) for record in records))
    own = [record for record in records if record.checkpoint == question.step]
    kind = question.kind if question.kind in kinds else _kind((own or records)[0])
    newest = {record.checkpoint: record for record in reversed(records) if _kind(record) == kind}
    scored = tuple(sorted(newest))
    step = max((one for one in scored if one <= question.step), default=scored[0])
    record = newest[step]
    series = judged_series(judgements_of(newest.values()), {})
    history = {name: series[tag] for name in record.metrics if (tag := score_tag(name, *kind)) in series}
    against = _against(step, scored, question.marked)
    comparison, why = _compare(newest.get(against) if against is not None else None, record, cache)
    return ScorePage(record, kind, kinds, scored, history, against, comparison, why, _drivers(run, record))


def _kind(record: ScoreRecord) -> Kind:
    return record.embedder, record.reference


def _against(step: int, scored: Sequence[int], marked: frozenset[int]) -> int | None:
    """The one other marked checkpoint, else the one before; of the first the next."""
    others = [one for one in scored if one in marked and one != step]
    if len(others) == 1:
        return others[0]
    place = scored.index(step)
    return scored[place - 1] if place else None


def _compare(
    before: ScoreRecord | None, after: ScoreRecord, cache: EmbeddingCache | None
) -> tuple[Comparison | None, str]:
    if before is None:
        return None, "No earlier checkpoint is scored: score one, or mark one with *, to compare."
    if cache is None:
        return None, "Comparing takes the cache of embeddings: set score.cache_mb above 0."
    try:
        return compare_scores(before.document, after.document, cache), ""
    except ScoreError as error:
        return None, f"{error.message} {error.remedy}".strip()


def _drivers(run: RunFolder, record: ScoreRecord) -> tuple[Driver, ...]:
    """Those whose entries are whole."""
    said = record.document.get("drivers")
    found = []
    for part in ("scored", "reference"):
        for one in said.get(part, ()) if isinstance(said, dict) else ():
            try:
                original = run.path / one["original"] if "original" in one else None
                found.append(
                    Driver(one["name"], one["share"], one["at"], run.path / one["path"], one["start"], original)
                )
            except (KeyError, TypeError):
                continue
    return tuple(found)
