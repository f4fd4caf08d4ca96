"""Reads what is on a screen under test, and waits until it is as expected."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.events import Paste
from textual.pilot import Pilot

from ravetui.app.app import RavetuiApp
from ravetui.runs.workspace import Workspace

PATIENCE = 60.0
"""Seconds until a condition that never comes true fails a test."""


class Seen:
    """The screen of a running app."""

    def __init__(self, app: RavetuiApp, pilot: Pilot[str]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def has_looked(self) -> bool:
        """Whether the selected run has been read, if it can be."""
        row = self.app.main.board.selected
        return self.app.looks > 0 and (row is None or bool(row.fault) or self.app.main.board.detail is not None)

    @property
    def lines(self) -> list[str]:
        """Every row of cells, as text."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    def line(self, word: str) -> str:
        """The first row that has the word; empty when none has."""
        return next((line for line in self.lines if word in line), "")

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait for a condition.

        Raises:
            AssertionError: It did not come true; the screen is shown.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                while not condition():
                    await self.pilot.pause(0.03)
        except TimeoutError:
            raise AssertionError(f"{what or 'the condition'} never came true:\n{self.text}") from None

    async def see(self, *words: str) -> None:
        """Wait until all the words are on the screen."""
        await self.until(lambda: all(word in self.text for word in words), f"seeing {words}")

    async def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def paste(self, text: str) -> None:
        """Paste a text where the focus is."""
        self.app.post_message(Paste(text))
        await self.pilot.pause()


@asynccontextmanager
async def screen_of(
    workspace: Workspace, columns: int = 120, rows: int = 34, app: RavetuiApp | None = None
) -> AsyncIterator[Seen]:
    """The app on a terminal of that size, once it has looked at the workspace."""
    app = app or RavetuiApp(workspace)
    async with app.run_test(size=(columns, rows), notifications=True) as pilot:
        seen = Seen(app, pilot)
        await seen.until(lambda: seen.has_looked, "the first look")
        yield seen
