"""The small language in which runs are looked for: ``graz state:running -note:"too bright"``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ravetui.runs.run_state import RunState

if TYPE_CHECKING:
    from ravetui.app.snapshot import RunRow

KEYS = ("state", "phase", "data", "preset", "note")
LANGUAGE = (
    "A run is shown when all words of the filter fit: a plain word is a part of its name; state:running (or live, new, "
    "queued, stopped, finished, failed, lost, damaged, or the beginning of one), phase:2, data:graz, preset:v2 and "
    'note:word say what else; a minus in front turns one round, and "quotes" keep words together.'
)
"""For the help screen."""

_TERM = re.compile(r'(?P<minus>-?)(?:(?P<key>[a-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S*))', re.IGNORECASE)


@dataclass(frozen=True)
class _Term:
    key: str
    """One of :data:`KEYS`; empty: the name."""
    value: str
    negated: bool

    def fits(self, row: RunRow) -> bool:
        """Whether a run is as this term wants it."""
        return self._finds(row) != self.negated

    def _finds(self, row: RunRow) -> bool:
        summary = row.summary
        if self.key == "state":
            return any(word.startswith(self.value) for word in _states(row))
        if self.key == "note":
            return self.value in row.note.casefold()
        if not self.key:
            return self.value in row.name.casefold()
        if summary is None:
            return False
        if self.key == "phase":
            return self.value == str(summary.progress.phase)
        return self.value in (summary.spec.data.name if self.key == "data" else summary.spec.preset).casefold()


@dataclass(frozen=True)
class RunFilter:
    """Which runs are shown; an empty one shows all."""

    text: str = ""
    terms: tuple[_Term, ...] = ()
    fault: str = ""
    """What in the text means nothing; empty: nothing. It is left out."""

    def shows(self, row: RunRow) -> bool:
        """Whether all terms fit a run."""
        return all(term.fits(row) for term in self.terms)


def parse_filter(text: str) -> RunFilter:
    """Read what was typed; half a word, as it is being typed, is no fault."""
    terms, fault = [], ""
    for found in _TERM.finditer(text):
        key, value = (found["key"] or "").casefold(), (found["quoted"] or found["plain"] or "").casefold()
        if not value:
            continue
        if key and key not in KEYS:
            fault = f"no word {key}:"
            continue
        terms.append(_Term(key, value, bool(found["minus"])))
    return RunFilter(text, tuple(terms), fault)


def _states(row: RunRow) -> tuple[str, ...]:
    """The words that say what a run does."""
    if row.summary is None:
        return ("damaged",)
    status = row.summary.status
    if status.state is RunState.STOPPED and not status.attempt:
        return ("new",)
    return (status.state.value, "live") if status.state.is_live else (status.state.value,)
