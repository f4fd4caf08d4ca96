"""The checkpoints of the selected run and what they scored."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from ravetui.app.panes.columns import cell, cut
from ravetui.app.panes.listing import Listing
from ravetui.app.panes.rows import Row, Rows
from ravetui.app.panes.telling import tell
from ravetui.app.snapshot import Detail, StepRow
from ravetui.app.words import distance, percent
from ravetui.metrics.catalogue import EMBEDDERS, METRICS, MetricInfo
from ravetui.metrics.choice import chosen_embedder
from ravetui.runs.format import steps
from ravetui.runs.jobs import Job
from ravetui.runs.ratings import StepRating

_METRICS = ("fad", "kid", "vendi")
_GLYPH, _PHASE, _VALID, _RATED = 2, 3, 7, 6
_SHORTEST_STEP = 6
_NARROW, _WIDE = 7, 14
"""Cells of a metric: below the one its interval is left out, above the other there is no more to say."""


class CheckpointsPane(Listing):
    """A table, newest first."""

    HELP = (
        "Each step that was saved, with its phase, its validation distance and its scores ± half their 95 % interval; "
        "FAD and KID are lower the nearer its sound is to the reference, Vendi counts distinct sounds. e scores the "
        "selected one in the background, or those that * has marked, one after another; again it asks, then cancels. y "
        "shows all that was found, and whether it is better than the one before. Which embedding the numbers are of "
        "stands in the frame: mel is log-mel statistics, not CLAP. ★ is the mean of what 1 to 5 said of its clips. – "
        "in place of ◆ means that the weights have been deleted and only samples and scores are left, ◈ that they are "
        "kept for good: k pins the selected one, and lets it go again."
    )

    def compose(self) -> ComposeResult:
        """A line of headings and the rows."""
        self.border_title = "checkpoints"
        yield Static(id="checkpoint-head", markup=False)
        yield Rows(id="checkpoint-rows")

    @property
    def selected(self) -> int | None:
        """Step of the row under the cursor."""
        key = self.rows.selected
        return None if key is None else int(key.rpartition("@")[2])

    def go(self, by: int) -> None:
        """Move the cursor by so many rows, as far as there are some."""
        rows = self.rows
        if rows.highlighted is not None:
            rows.highlighted = min(max(rows.highlighted + by, 0), rows.option_count - 1)

    def show(self, detail: Detail, embedder: str, marks: Collection[int] = (), *, anew: bool) -> None:
        """Show the table; a cursor on the newest row goes on to a newer one, on any other it stays.

        Args:
            detail: What was read of the run.
            embedder: The one that ``e`` uses, named while there is no score yet.
            marks: Steps that the person has marked.
            anew: Another run than before.
        """
        columns = _columns(detail, self.rows.room)
        rows = [
            Row(
                f"{detail.run}@{row.step}",
                _row(row, columns, detail.ratings.steps.get(row.step), marked=row.step in marks),
            )
            for row in detail.steps
        ]
        self.rows.show(rows, select=rows[0].key if rows and self.rows.at_top else None, anew=anew)
        nothing = Content.styled("none yet: one is saved at each validation", "$quiet")
        head = _head(columns) if detail.steps else nothing if detail.run else Content("")
        tell(self.query_one("#checkpoint-head", Static), head, layout=False)
        said = _embedder(detail, embedder)
        if self.border_subtitle != said:
            self.border_subtitle = said


@dataclass(frozen=True)
class _Columns:
    """Widths in cells."""

    step: int
    metric: int
    whole: int
    rated: int
    """0 where nothing was rated."""


def _columns(detail: Detail, width: int) -> _Columns:
    step = max([_SHORTEST_STEP, *(len(steps(row.step)) + 1 for row in detail.steps[:1])])
    rated = _RATED if detail.ratings.steps else 0
    room = (width - _GLYPH - step - _PHASE - _VALID - rated) // len(_METRICS)
    return _Columns(step, min(max(room, 6), _WIDE), width, rated)


def _embedder(detail: Detail, default: str) -> str:
    """What the numbers are of: never left out where numbers are."""
    labels = {row.score.embedder_label for row in detail.steps if row.score is not None}
    known = EMBEDDERS.get(chosen_embedder(default))
    return ", ".join(sorted(labels or {known.label if known else default}))


def _head(columns: _Columns) -> Content:
    cells = [cell("step", columns.step, "$quiet"), cell("", _PHASE), cell("valid", _VALID, "$quiet")]
    cells += [cell("★", columns.rated, "$quiet")] if columns.rated else []
    metrics = [cell(_heading(METRICS[name], columns.metric), columns.metric, "$quiet") for name in _METRICS]
    return Content.assemble(" " * (_GLYPH + 1), *cells, *metrics)


def _heading(metric: MetricInfo, width: int) -> str:
    """The first word of its label, with a power of ten where that fits."""
    name = metric.label.partition(" ")[0]
    scaled = [f"{name} {metric.unit}", f"{name}{metric.unit}"] if metric.unit.startswith("×") else []
    return next((text for text in scaled if len(text) < width), name)


def _row(row: StepRow, columns: _Columns, rating: StepRating | None, *, marked: bool) -> Content:
    sign = "–" if row.checkpoint is None else "◈" if row.checkpoint.pinned else "◆"
    there = Content.assemble((sign, "$faint"), ("*" if marked else " ", "$key"))
    tint = "$foreground" if row.checkpoint else "$quiet"
    first = Content.assemble(
        there,
        cell(steps(row.step), columns.step, tint),
        cell(f"p{row.phase}", _PHASE, f"$phase-{row.phase}"),
        cell(distance(row.validation), _VALID, tint),
        *_rated(rating, columns),
    )
    if row.job is not None:
        return cut(Content.assemble(first, _job(row.job)), columns.whole)
    if row.score is None:
        label = row.checkpoint.label if row.checkpoint else ""
        return cut(Content.assemble(first, (f"  {label}", "$quiet")), columns.whole) if label else first
    numbers = [cell(_value(name, row.score.metrics, columns.metric), columns.metric) for name in _METRICS]
    return Content.assemble(first, *numbers)


def _rated(rating: StepRating | None, columns: _Columns) -> list[Content]:
    if not columns.rated:
        return []
    text = "–" if rating is None else f"{rating.mean:.1f}★"
    return [cell(text, columns.rated, "$sound" if rating else "$faint")]


def _job(job: Job) -> Content:
    if job.status.state.is_live and job.note.startswith("waits"):
        return Content.styled(job.note, "$job")
    if job.status.state.is_live:
        note = f"  {job.note}" if job.note else ""
        return Content.assemble((f"scoring {percent(job.fraction)}", "$job"), (note, "$quiet"))
    return Content.styled(f"scoring {job.status.sentence}", "$run-failed")


def _value(name: str, metrics: Mapping[str, Mapping[str, Any]], width: int) -> str:
    """``0.21 ±0.02``: the value and half its interval, as exact as that lets it be and as the cells allow."""
    found = metrics.get(name)
    if found is None or found.get("value") is None:
        return "–"
    value, low, high = found["value"], found.get("low"), found.get("high")
    plain = format(value, METRICS[name].format)
    if low is None or high is None or width < _NARROW or not high > low:
        return plain
    half = (high - low) / 2
    decimals = min(max(-math.floor(math.log10(half)), 0), 4)
    exact, room = f"{value:.{decimals + 1}f} ±{half:.{decimals + 1}f}", width - 1
    for text in (exact, f"{value:.{decimals}f} ±{half:.{decimals}f}", _bare(value, half, decimals)):
        if len(text) <= room:
            return text
    return plain


def _bare(value: float, half: float, decimals: int) -> str:
    """``.21±.02``."""
    texts = [f"{number:.{decimals}f}" for number in (value, half)]
    return "±".join(text.replace("0.", ".", 1) if abs(float(text)) < 1 and decimals else text for text in texts)
