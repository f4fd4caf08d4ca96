"""The Textual application: one thread looks at the workspace, everything else happens on messages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from textual import events, on, work
from textual.app import App
from textual.worker import Worker, WorkerState, get_current_worker

from ravetui.app.looking import Looking, readable
from ravetui.app.messages import (
    Done,
    Failed,
    Gazed,
    Heard,
    LevelWanted,
    Looked,
    LoopWanted,
    PageWanted,
    PlayWanted,
    SeekWanted,
    SoundWanted,
    Wanted,
    Whole,
)
from ravetui.app.palette import ActionProvider
from ravetui.app.panes.board import Board
from ravetui.app.screens.main import MainScreen
from ravetui.app.snapshot import Gaze, Snapshot
from ravetui.app.sound.playback import Playback
from ravetui.app.theme import ROLES, THEME
from ravetui.errors import RavetuiError
from ravetui.runs.workspace import Workspace

if TYPE_CHECKING:
    from ravetui.app.levels import Levels
    from ravetui.app.reader import WorkspaceReader
    from ravetui.app.sound.report import PlaybackReport

_LAG = 0.3
"""Seconds for which a place that was sought counts as the present one."""

_PATIENCE = 1.0
"""Keys wait no longer for a first look, seconds: the disk may not answer, and one must be able to leave."""


class RavetuiApp(App[str]):
    """Shows a workspace; returns what to say after it has closed.

    Args:
        workspace: Whose runs are shown.
        reader: What looks at them.
        clock: Unix time, seconds.
        started: Called once, when the first look is on the screen.

    Raises:
        ConfigError: ``config.toml`` is damaged.
    """

    TITLE = "ravetui"
    COMMANDS = {ActionProvider}

    def __init__(
        self,
        workspace: Workspace,
        *,
        reader: WorkspaceReader | None = None,
        clock: Callable[[], float] = time.time,
        started: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        self.register_theme(THEME)
        self.theme = THEME.name
        self._refresh = workspace.config.app.refresh_seconds
        self._looking = Looking(lambda: reader or _reader_of(workspace), self._refresh, self.post_message)
        self._started = started
        self._gaze: Gaze | None = None
        self._sound = Playback(self._report_sound, workspace.config.sound.volume)
        self._sound_turn = asyncio.Lock()
        self._sought = (0.0, 0.0)
        """When a place was last sought, and which, s: what is reported lags behind."""
        self._heard_state = ""
        self.main = MainScreen(workspace, clock)
        self._snapshot = Snapshot()
        self._early: list[events.Key] | None = []
        """Keys that came before there was a run they could be meant for; None from then on."""
        self.looks = 0
        """Snapshots shown so far."""

    @cached_property
    def _levels(self) -> Levels:
        """Not before something is to be heard."""
        from ravetui.app.levels import Levels

        return Levels()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The roles that style sheets name."""
        return ROLES

    def on_mount(self) -> None:
        """Show the frame; its first gaze begins the looking."""
        self.push_screen(self.main)
        self._sound.watch()

    def on_ready(self) -> None:
        """Go on when the list can be seen."""
        self.call_after_refresh(self.main.board.begin)

    async def on_event(self, event: events.Event) -> None:
        """Keys wait for the first look."""
        if isinstance(event, events.Key) and self._early is not None:
            self._early.append(event)
        else:
            await super().on_event(event)

    @on(Whole)
    def _is_ready(self) -> None:
        if self._heard_state:
            self.main.show_sound(self._sound.report)
        self.set_timer(_PATIENCE, self._let_keys_in)

    def _let_keys_in(self) -> None:
        """Do what was asked before anything could be done."""
        early, self._early = self._early or [], None
        for key in early:
            self.post_message(key)

    async def on_unmount(self) -> None:
        """Let the reading thread and the player go."""
        self.workers.cancel_all()
        self._looking.now.set()
        await self._sound.close()

    async def action_quit(self) -> None:
        """Leave; runs are processes of their own and go on."""
        live = self._snapshot.live
        went_on = "1 run goes on training" if live == 1 else f"{live} runs go on training"
        self.exit(f"{went_on}. `ravetui` shows {'it' if live == 1 else 'them'} again." if live else "")

    @property
    def _is_whole(self) -> bool:
        """Whether the panes are there: on leaving, a last message may come after they have gone."""
        return bool(self.main.query(Board))

    @work(thread=True, exclusive=True, group="look", description="looking at the runs", exit_on_error=False)
    def _watch(self) -> None:
        """Look again and again; send what differs from the last look."""
        worker = get_current_worker()
        self._looking.go_on(lambda: self._gaze or Gaze(), lambda: worker.is_cancelled)

    @on(Looked)
    def _looked(self, message: Looked) -> None:
        self._snapshot = message.snapshot
        self.looks += 1
        if self._is_whole:
            self.main.board.show(message.snapshot)
        if self._started is not None and (message.snapshot.detail or not message.snapshot.runs):
            self.call_after_refresh(self._started)
            self._started = None
        self._let_keys_in()

    @on(Gazed)
    def _gazed(self, message: Gazed) -> None:
        begun, self._gaze = self._gaze, message.gaze
        self._looking.now.set()
        if begun is None:
            self._watch()

    @on(Wanted)
    def _wanted(self, message: Wanted) -> None:
        self._do(message)

    @work(thread=True, group="deeds", description="doing what was asked", exit_on_error=False)
    def _do(self, wanted: Wanted) -> None:
        try:
            said = wanted.work()
        except RavetuiError as error:
            self.post_message(Failed(error))
        else:
            if said:
                self.notify(said, markup=False)
        finally:
            self.post_message(Done(wanted.run))

    @on(Done)
    def _done(self, message: Done) -> None:
        if message.run and self._is_whole:
            self.main.board.select(message.run)
        self._looking.now.set()

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        error = message.error
        self.notify(str(error), title=error.title, severity="error", timeout=12, markup=False)

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        """The one place where a worker's error ends up."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self._failed(Failed(readable(event.worker.error, event.worker.description.capitalize())))

    @on(SoundWanted)
    def _sound_wanted(self) -> None:
        if not self._sound.route.audible:
            self._find_sound()

    @work(group="sound", description="looking for a sound device", exit_on_error=False)
    async def _find_sound(self) -> None:
        async with self._sound_turn:
            await self._sound.start()

    @on(PlayWanted)
    def _play_wanted(self, message: PlayWanted) -> None:
        self._play(message)

    @work(group="sound", description="playing", exit_on_error=False)
    async def _play(self, wanted: PlayWanted) -> None:
        # One after the other: the player answers commands in turn.
        async with self._sound_turn:
            if wanted.path is None:
                await self._sound.stop()
            else:
                raised = self._sound.route.kind != "page"
                measure = partial(self._levels.gain_db, wanted.path, wanted.among, raised=raised)
                gain = await asyncio.to_thread(measure) if wanted.matched else 0.0
                if wanted.instead:
                    await self._sound.switch(wanted.path, gain_db=gain, about=wanted.about)
                else:
                    await self._sound.play(
                        wanted.path, wanted.start, loop=wanted.loop, gain_db=gain, about=wanted.about
                    )
            if wanted.next is not None:
                await self._sound.prepare(wanted.next)

            if wanted.next is not None and wanted.matched:
                await asyncio.to_thread(self._levels.gain_db, wanted.next)
        for path in wanted.coming:
            await asyncio.to_thread(self._levels.gain_db, path)

    @on(SeekWanted)
    @work(group="sound", description="seeking", exit_on_error=False)
    async def _seek(self, wanted: SeekWanted) -> None:
        now, report = time.monotonic(), self._sound.report
        when, place = self._sought
        base = place if now - when < _LAG else report.position_s
        goal = min(max(base + wanted.by, 0.0), report.duration_s)
        self._sought = (now, goal)
        await self._sound.seek(goal)

    @on(LoopWanted)
    @work(group="sound", description="looping", exit_on_error=False)
    async def _repeat(self, wanted: LoopWanted) -> None:
        await self._sound.set_loop(wanted.on)

    @on(LevelWanted)
    @work(group="sound", description="changing the level", exit_on_error=False)
    async def _level(self, wanted: LevelWanted) -> None:
        async with self._sound_turn:
            report = self._sound.report
            if report.sounds and report.path is not None:
                gain = await asyncio.to_thread(self._levels.gain_db, report.path) if wanted.matched else 0.0
                await self._sound.set_gain(gain)

    def _report_sound(self, report: PlaybackReport) -> None:
        self.post_message(Heard(report))

    @on(Heard)
    def _heard(self, message: Heard) -> None:
        report, before = message.report, self._heard_state
        self._heard_state = report.state
        if self._is_whole:
            self.main.show_sound(report)
        if report.state in ("failed", "waiting") and report.state != before:
            remedy = report.route.remedy if report.state == "failed" and report.fault != "file" else ""
            self.notify(f"{report.message}\n{remedy}".rstrip(), title="No sound", severity="warning", markup=False)

    @on(PageWanted)
    def _page_wanted(self) -> None:
        self._open_page()

    @work(group="sound", description="opening the page", exit_on_error=False)
    async def _open_page(self) -> None:
        from ravetui.app.screens.page import Page

        page = await self._sound.open_page()
        self.push_screen(Page(page.tunnel, page.url))


def _reader_of(workspace: Workspace) -> WorkspaceReader:
    from ravetui.app.reader import WorkspaceReader

    return WorkspaceReader(workspace)
