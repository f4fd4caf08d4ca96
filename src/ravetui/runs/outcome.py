"""What an attempt left on record about its own end: its last event, or the intent of whoever killed it."""

from dataclasses import dataclass

from ravetui.runs.asker import asker_words
from ravetui.runs.atomic import read_json
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.events import Event, read_events
from ravetui.runs.folder import AttemptFolder, RunFolder
from ravetui.runs.record import OUTCOMES


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended, by its own account."""

    outcome: str
    """One of :data:`ravetui.runs.record.OUTCOMES`."""
    reason: str
    when: float
    """Unix time, seconds."""


def told_outcome(run: RunFolder, attempt: AttemptFolder, *, intent: bool = True) -> Outcome | None:
    """The end that the trainer told of, else the one that a person asked for, else None.

    Args:
        intent: Whether the end may have been the kill that a person asked for.
    """
    ends = [event for event in read_events(run.events) if event.attempt == attempt.number and event.kind in OUTCOMES]
    if ends:
        return Outcome(ends[-1].kind, _reason(ends[-1]), ends[-1].time)
    asked = read_json(attempt.stop_now) if intent else None
    if isinstance(asked, dict) and "time" in asked:
        who = asker_words(asked)
        said = f"stopped at once{f' by {who}' if who else ''}, without saving; {_newest(run)}"
        return Outcome("stopped", said, float(asked["time"]))
    return None


def _reason(event: Event) -> str:
    """The trainer's sentence, or one made of the step."""
    if reason := event.fields.get("reason"):
        return str(reason)
    step = event.fields.get("step")
    where = "" if step is None else f" at step {step}"
    return {"finished": "all steps done", "stopped": "stopped", "failed": "failed"}[event.kind] + where


def _newest(run: RunFolder) -> str:
    known = list_checkpoints(run)
    return f"newest checkpoint is step {known[0].step}" if known else "there is no checkpoint"
