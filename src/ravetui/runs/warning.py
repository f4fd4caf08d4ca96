"""What a person must know of a run that goes on all the same."""

from collections.abc import Iterable

from ravetui.runs.events import Event
from ravetui.runs.format import steps


def standing_warning(events: Iterable[Event]) -> str:
    """The newest trouble with a run's checkpoints that no later checkpoint has put an end to; empty when all is well.

    Args:
        events: All of the run, oldest first.
    """
    found = ""
    for event in events:
        if event.kind == "saved":
            found = ""
        elif event.kind == "unsaved":
            newest = int(event.fields.get("newest") or 0)
            since = f"no checkpoint since step {steps(newest)}" if newest else "no checkpoint yet"
            found = f"disk full: {since}" if event.fields.get("full") else f"{since}: {event.fields.get('reason')}"
        elif event.kind == "warned" and event.fields.get("passed_over"):
            found = str(event.fields.get("reason"))
    return found
