"""Screens kept as texts: every row of cells as it is, then the stretches in bold.

Colours are not in it: whatever matters has to be seen without. ``RAVETUI_SNAPSHOTS=write`` keeps what is there now.
"""

import os
from pathlib import Path

from tests.screen import Seen

FOLDER = Path(__file__).parent / "functional" / "snapshots"
WRITES = os.environ.get("RAVETUI_SNAPSHOTS") == "write"
_STILL = 10
"""So many equal pictures one after the other are one that stays."""


def picture_of(seen: Seen) -> list[str]:
    """The screen's rows, and what of each is bold."""
    strips = seen.app.screen._compositor.render_strips()
    rows = ["".join(segment.text for segment in strip).rstrip() for strip in strips]
    bold = []
    for number, strip in enumerate(strips, 1):
        words = [segment.text.strip() for segment in strip if segment.style and segment.style.bold]
        if text := " | ".join(word for word in words if word):
            bold.append(f"{number:3} {text}")
    return [*rows, "-- bold --", *bold]


async def assert_snapshot(seen: Seen, name: str) -> None:
    """Wait until the screen is the one that was kept under a name.

    Raises:
        AssertionError: It never was, or none was kept; the screen is written beside it as ``.new``.
    """
    path = FOLDER / f"{name}.txt"
    if WRITES:
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(await _settled(seen)) + "\n", "utf-8")
        return
    kept = path.read_text("utf-8").splitlines() if path.exists() else []
    try:
        await seen.until(lambda: picture_of(seen) == kept)
    except AssertionError:
        found = picture_of(seen)
        path.with_suffix(".new").write_text("\n".join(found) + "\n", "utf-8")
        # Compared whole, so that pytest shows the rows that differ.
        assert found == kept, f"{name}: RAVETUI_SNAPSHOTS=write keeps the new one"


async def _settled(seen: Seen) -> list[str]:
    """The screen once it does not change any more."""
    last: list[list[str]] = []
    while len(last) < _STILL or any(one != last[0] for one in last):
        await seen.pilot.pause(0.05)
        last = [*last, picture_of(seen)][-_STILL:]
    return last[0]
