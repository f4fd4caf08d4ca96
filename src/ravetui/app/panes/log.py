"""What the run's newest process printed, and what happened to the run, in plain words."""

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from ravetui.app.panes.pane import Pane
from ravetui.app.panes.telling import tell
from ravetui.app.snapshot import Detail
from ravetui.app.words import clock_time, distance
from ravetui.runs.events import Event
from ravetui.runs.format import steps


class LogPane(Pane):
    """Events at the left, the log's tail at the right; both keep to their newest line unless scrolled up."""

    HELP = "What happened to the run at the left, the last lines its process printed at the right, newest last."

    def compose(self) -> ComposeResult:
        """Two texts that scroll."""
        self.border_title = "events and log"
        with Horizontal():
            with VerticalScroll(id="events", can_focus=False):
                yield Static(id="event-lines", markup=False)
            with VerticalScroll(id="log"):
                yield Static(id="log-lines", markup=False)

    @property
    def target(self) -> Widget:
        """The log."""
        return self.query_one("#log")

    def show(self, detail: Detail, now: float, *, anew: bool) -> None:
        """Show both.

        Args:
            detail: What was read of the run.
            now: Unix time, seconds.
            anew: Another run than before: go to the newest lines.
        """
        events = Content("\n").join([_event(item, now) for item in detail.events])
        self._fill("events", "event-lines", events, anew=anew)
        nothing = Content.styled("nothing printed yet" if detail.run else "", "$quiet")
        said = Content("\n".join(detail.log)) if detail.log else nothing
        self._fill("log", "log-lines", said, anew=anew)
        note = f"attempt {detail.log_attempt}" if detail.log_attempt else ""
        if self.border_subtitle != note:
            self.border_subtitle = note

    def _fill(self, box: str, lines: str, text: Content, *, anew: bool) -> None:
        tell(self.query_one(f"#{lines}", Static), text)
        if anew:
            self.query_one(f"#{box}", VerticalScroll).anchor()


def _event(event: Event, now: float) -> Content:
    return Content.assemble((f"{clock_time(event.time, now)} ", "$faint"), event_words(event))


def event_words(event: Event) -> str:
    """One event as a sentence without its end."""
    fields = event.fields
    at = f" at step {steps(int(fields['step']))}" if "step" in fields else ""
    reason = str(fields.get("reason") or "")
    match event.kind:
        case "created":
            return f"created from preset {fields.get('preset', '?')} on {fields.get('data', '?')}"
        case "started":
            return f"attempt {event.attempt} started{at}"
        case "phase":
            return f"phase {fields.get('phase', 2)} began{at}" + (f": {reason}" if reason else "")
        case "validated":
            value = fields.get("validation")
            return f"validated{at}" + (f": {distance(value)}" if isinstance(value, int | float) else "")
        case "sampled":
            return f"rendered samples{at}"
        case "saved":
            return f"saved a checkpoint{at}"
        case "scored":
            return f"scored the checkpoint{at} ({fields.get('embedder', '?')})"
        case "rated" if "count" in fields:
            how = f"in blind round {fields['round']}" if fields.get("round") else "as before a blind round"
            return f"rated {fields['count']} clips {how}"
        case "rated":
            stars = f"{fields['stars']} of 5" if fields.get("stars") else "not rated any more"
            return f"rated {fields.get('clip', '?')}{at}: {stars}"
        case "skipped":
            return f"rolled back{at}: {reason}"
        case "unsaved":
            return f"no checkpoint{at}: {reason}"
        case "warned":
            return f"warning{at}: {reason}"
    return f"{event.kind}{at}" + (f": {reason}" if reason else "")
