"""The advice of the scores view: what two checkpoints' numbers allow to be said, and no more."""

from collections.abc import Mapping
from typing import Any

from ravetui.app.score_page import ScorePage
from ravetui.metrics.catalogue import METRICS
from ravetui.metrics.paired import Difference
from ravetui.runs.format import steps

_FIRST = ("kid", "fad", "paired_distance", "spectral_distance")
"""What is judged by, in order: KID is unbiased and has a p-value."""

_MANY = 40
"""With fewer clips the band of real audio is so wide that lying in it says little."""


def advice(page: ScorePage) -> str:
    """Whether it is better than the other checkpoint, then where it stands to real audio."""
    if page.record is None:
        return "Nothing is scored yet."
    return f"{_compared(page)} {_standing(page.record.metrics, int(page.document.get('n_files', 0)))}".strip()


def short_verdict(difference: Difference | None) -> str:
    """For a column: ``better``, ``worse``, or ``cannot tell (~120)`` with how many clips would settle it."""
    if difference is None:
        return ""
    if difference.verdict != "cannot tell":
        return difference.verdict
    needed = difference.clips_needed
    return f"cannot tell (~{needed})" if needed else "cannot tell"


def change(name: str, difference: Difference) -> str:
    """``KID −1.2 ± 0.5``."""
    info = METRICS[name]
    half = (difference.high - difference.low) / 2
    return f"{info.label} {_signed(difference.value, info.format)} ± {half:{info.format}}"


def _compared(page: ScorePage) -> str:
    if page.comparison is None:
        return page.why
    known = page.comparison.differences
    first = next((name for name in _FIRST if name in known), None)
    if first is None or page.against is None:
        return ""
    main, other = known[first], f"step {steps(page.against)}"
    if main.verdict == "cannot tell":
        sentence = f"Not told from {other}: {change(first, main)}, {main.sentence}."
    else:
        sentence = f"{main.verdict.capitalize()} than {other}: {change(first, main)} on {main.n_files} clips."
    return f"{sentence}{_others(main, {name: known[name] for name in _FIRST if name in known and name != first})}"


def _others(main: Difference, others: Mapping[str, Difference]) -> str:
    """What other metrics are sure of that the first one does not say."""
    said = {name: one for name, one in others.items() if one.verdict not in ("cannot tell", main.verdict)}
    if not said:
        return ""
    name, one = next(iter(said.items()))
    pairs = METRICS[name].compares == "pairs"
    what = "each clip beside its original" if pairs else "seen as Gaussians"
    return f" But {one.verdict} {what}: {change(name, one)}."


def _standing(metrics: Mapping[str, Mapping[str, Any]], clips: int) -> str:
    """Inside the band of real audio or not, as far as the interval lets it be said."""
    for name in ("kid", "fad_corrected"):
        found = metrics.get(name, {})
        value, real = found.get("value"), found.get("real")
        if value is None or not real:
            continue
        info, low = METRICS[name], found.get("low")
        band = f"the band of real audio ({info.label} up to {real[1]:{info.format}})".replace("-", "−")
        if value <= real[1] and clips < _MANY:
            return f"Inside {band}, which is wide with {clips} clips."
        if value <= real[1]:
            return f"Inside {band}: {info.label} has nothing more to say, listen."
        return f"Hardly outside {band}." if low is None or low <= real[1] else f"Outside {band}."
    return "There is no band of real audio: it takes eight clips of the reference."


def _signed(value: float, form: str) -> str:
    return f"{value:+{form}}".replace("-", "−")
