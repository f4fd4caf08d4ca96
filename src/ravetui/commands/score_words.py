"""A score, and a comparison of two, as text for a person."""

from typing import Any

from ravetui.commands.output import table
from ravetui.metrics.catalogue import METRICS


def score_table(document: dict[str, Any]) -> str:
    """Every number with its interval and the label of its embedder; warnings come first."""
    head = f"{document['run']}, step {document['checkpoint']}, embedder {document['embedder_label']}"
    sizes = f"{document['n']} windows of {document['n_files']} clips against {document['reference_n']} of the reference"
    parts = [f"{head}\n{sizes} ({document['reference']})"]
    parts += [f"! {sentence}" for sentence in document.get("warnings", ())]
    for kind, title in (("sets", "set against set"), ("pairs", "each beside its original")):
        rows = [_row(name, item) for name, item in document["metrics"].items() if METRICS[name].compares == kind]
        if rows:
            parts.append("\n" + table((title, "value", "95 % interval", "real audio", ""), rows))
    if "attributes" in document:
        parts.append(f"\n{_attributes(document['attributes'])}")
    if drivers := document.get("drivers", {}).get("scored"):
        rows = [(one["name"], f"{one['share']:+.1f}", f"{one['at']:.1f} s", one["path"]) for one in drivers]
        parts.append("\n" + table(("drives KID", "share", "at", "heard in the run's folder"), rows))
    return "\n".join(parts)


def against_table(document: dict[str, Any]) -> str:
    """Whether a checkpoint is better than another."""
    other = document["against"]
    rows = []
    for name, one in other["metrics"].items():
        info = METRICS[name]
        value, low, high = (f"{one[key]:+{info.format}}" for key in ("value", "low", "high"))
        rows.append((info.label, value, f"{low} to {high}", one["sentence"], info.unit))
    title = f"step {document['checkpoint']} less step {other['checkpoint']}"
    pairs = (
        f"In pairs, on the {other['n']} clips that both were given; below 0 step {document['checkpoint']} is nearer:"
    )
    return f"{pairs}\n{table((title, 'change', '95 % interval', 'verdict', ''), rows)}"


def _row(name: str, measure: dict[str, Any]) -> tuple[str, ...]:
    info = METRICS[name]
    real = measure.get("real")
    band = f"{format(real[0], info.format)} to {format(real[1], info.format)}" if real else ""
    return info.label, _number(measure["value"], info.format), _interval(measure, info.format), band, info.unit


def _attributes(attributes: dict[str, dict[str, float]]) -> str:
    """Means of what can be read, beside the reference's."""
    rows = [(name, f"{item['value']:.1f}", f"{item['reference']:.1f}") for name, item in attributes.items()]
    return table(("mean, 0 to 100", "value", "reference"), rows)


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _interval(measure: dict[str, Any], form: str) -> str:
    if measure["low"] is None or measure["high"] is None:
        return measure["reason"] or "–"
    return f"{format(measure['low'], form)} to {format(measure['high'], form)}"
