"""What the keys do to the sound: play, compare, rate."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.screen import Screen
from textual.signal import Signal

from ravetui.app import deeds
from ravetui.app.messages import LevelWanted, LoopWanted, PageWanted, PlayWanted, SeekWanted, Wanted
from ravetui.app.sound.report import About, PlaybackReport

if TYPE_CHECKING:
    from ravetui.app.panes.board import Board
    from ravetui.runs.folder import RunFolder
    from ravetui.runs.samples import Sample

SEEK_SECONDS = 1.0


class HearingActions(Screen[None]):
    """The action methods of the main screen that are about sound."""

    def __init__(self) -> None:
        super().__init__()
        self.sound: PlaybackReport | None = None
        """The newest report."""
        self.heard: Signal[PlaybackReport] = Signal(self, "heard")
        """Published with every report."""
        self.is_blind = False
        """Whether a blind round is on: then nothing plays by itself."""
        self._automatic = False
        self._newest: tuple[str, int] | None = None
        """Run and step of the newest samples that were seen."""

    @property
    def board(self) -> Board:
        """The panes; the screen has them."""
        raise NotImplementedError

    @property
    def run_folder(self) -> RunFolder:
        """Of the selected run; the screen knows it."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Follow what the person looks at."""
        self.board.shown.subscribe(self, self._follow)

    def show_sound(self, report: PlaybackReport) -> None:
        """Remember what plays, and show it."""
        self.sound = report
        self.board.show_sound(report)
        self.heard.publish(report)

    def action_play(self) -> None:
        """Play the selected sample, or stop it when it plays."""
        sample = self._sample
        if self._plays(sample):
            self.post_message(PlayWanted(None))
        else:
            self._play(sample)

    def action_original(self) -> None:
        """Hear the other version, from the same place when it plays."""
        sample, samples = self._sample, self.board.samples
        playing = self._plays(sample)
        samples.original = not samples.original
        if playing:
            self._play(sample, instead=True)

    def action_seek_back(self) -> None:
        """Go back a second."""
        self.post_message(SeekWanted(-SEEK_SECONDS))

    def action_seek_on(self) -> None:
        """Go on a second."""
        self.post_message(SeekWanted(SEEK_SECONDS))

    def action_loop(self) -> None:
        """Begin again at the end, or do not."""
        samples = self.board.samples
        samples.loop = not samples.loop
        self.post_message(LoopWanted(samples.loop))

    def action_true_level(self) -> None:
        """Hear clips as loud as they are, or all alike."""
        samples = self.board.samples
        samples.matched = not samples.matched
        self.post_message(LevelWanted(samples.matched))
        level = "equally loud" if samples.matched else "at their true level"
        self.notify(f"Clips are heard {level}.")

    def action_automatic(self) -> None:
        """Play each new validation's sample, or do not."""
        self._automatic = not self._automatic
        self.board.samples.automatic = self._automatic
        when = "is played when it comes" if self._automatic else "is not played by itself any more"
        self.notify(f"The newest sample of the selected run {when}.")

    def action_older(self) -> None:
        """Go to the checkpoint before; what sounds goes along."""
        self.board.checkpoints.go(1)

    def action_newer(self) -> None:
        """Go to the checkpoint after; what sounds goes along."""
        self.board.checkpoints.go(-1)

    def action_page(self) -> None:
        """Let it be heard in the laptop's browser."""
        self.post_message(PageWanted())

    def action_picture(self) -> None:
        """Look at the selected sample."""
        from ravetui.app.screens.picture import Picture

        self.app.push_screen(Picture(self))

    def action_blind(self) -> None:
        """Rate samples without knowing what they are."""
        from ravetui.app.screens.blind import Blind
        from ravetui.runs.blind.choice import Candidate

        steps = self.board.detail.steps if self.board.detail else ()
        known = {row.step: Candidate(row.step, row.phase, row.validation) for row in steps}
        self.app.push_screen(Blind(self, self.run_folder, known, tuple(self.board.marks)))

    def action_rate_1(self) -> None:
        """Bad."""
        self._rate(1)

    def action_rate_2(self) -> None:
        """Poor."""
        self._rate(2)

    def action_rate_3(self) -> None:
        """Fair."""
        self._rate(3)

    def action_rate_4(self) -> None:
        """Good."""
        self._rate(4)

    def action_rate_5(self) -> None:
        """Excellent."""
        self._rate(5)

    def _rate(self, stars: int) -> None:
        """Keep it and go on; what sounds goes along."""
        sample, samples = self._sample, self.board.samples
        if samples.original and self._plays(sample):
            said = "The original sounds, and what is rated is the reconstruction: o goes back to it."
            self.notify(said, severity="warning")
            return
        self.post_message(Wanted(partial(deeds.rate, self.run_folder, sample.name, sample.step, stars)))
        playing = self._plays(sample)
        if samples.go_on() and playing:
            self._play(self._sample)

    @property
    def _sample(self) -> Sample:
        sample = self.board.situation.sample
        assert sample is not None
        return sample

    def _play(self, sample: Sample, *, instead: bool = False) -> None:
        """Play the version that is to be heard; the other one is likely to be next."""
        samples = self.board.samples
        one, other, about = sample.reconstruction, sample.original, About(sample.name, self._run_name, sample.step)
        if samples.original:
            one, other, about = other, one, About(f"{sample.name} (original)", self._run_name)
        wanted = PlayWanted(one, instead=instead, about=about, next=other, loop=samples.loop, matched=samples.matched)
        self.post_message(wanted)

    @property
    def _run_name(self) -> str:
        row = self.board.selected
        return row.name if row else ""

    def _plays(self, sample: Sample) -> bool:
        sound = self.sound
        return sound is not None and sound.sounds and sound.path in (sample.original, sample.reconstruction)

    def _follow(self, board: Board) -> None:
        """Let what sounds go along to the checkpoint or run that the person goes to; play what is new, if wanted."""
        detail = board.detail
        if detail is None:
            return
        if (went := board.went) is not None and detail.run == went.run and went.step in (None, detail.looked_at):
            board.went = None
            self._go_along(detail.samples)
        newest = (detail.run, detail.newest[0].step) if detail.newest else None
        before, self._newest = self._newest, newest
        silent = self.sound is None or not self.sound.sounds
        come = newest is not None and before is not None and newest[0] == before[0] and newest[1] > before[1]
        if self._automatic and come and silent and not self.is_blind:
            selected = board.samples.selected
            same = (clip for clip in detail.newest if selected is not None and clip.name == selected.name)
            self._play(next(same, detail.newest[0]))

    def _go_along(self, samples: tuple[Sample, ...]) -> None:
        sound = self.sound
        if sound is None or not sound.sounds:
            return
        name = sound.about.title.removesuffix(" (original)")
        same = next((clip for clip in samples if clip.name == name), None)
        if same is None or (sound.path in (same.reconstruction, same.original)):
            return
        self._play(same, instead=True)
