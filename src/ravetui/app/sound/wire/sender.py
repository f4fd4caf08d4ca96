"""Sends clips to the laptop no faster than it takes them, so that the next key never waits behind much audio."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ravetui.app.sound.wire.frame import Kind
from ravetui.app.sound.wire.message import message, segment_frame
from ravetui.errors import SoundError

if TYPE_CHECKING:
    from ravetui.app.sound.wire.upload import Upload

WINDOW_BYTES = 98304
"""Sent and not yet acknowledged: 10 Mbit/s at a round trip of 80 ms."""

AHEAD_BYTES = 32768
"""The same for what is only likely to be played: it must not be in the way of a key, nor of what sounds meanwhile."""

_MOST_CLIPS = 4096
_MOST_PREPARED = 8
_MOST_BATCH = 4


@dataclass
class _Job:
    """One clip to be sent."""

    upload: "Upload"
    on_fault: Callable[[str], None]
    done: set[int]
    """Blocks that the laptop should have."""
    assumed: bool
    """Whether some of them were not sent by this job."""
    batch: int = 1
    """Blocks that are encoded next; the first goes out alone, since somebody waits for it."""

    @property
    def finished(self) -> bool:
        return len(self.done) >= self.upload.segments

    def restart(self) -> None:
        self.batch = 1
        self.upload.again()


class Sender:
    """Owns the order in which audio goes out: what plays first, then what may be played next.

    Args:
        writer: To the bridge.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._playing: _Job | None = None
        """Kept when all is sent, since the laptop may still say that it lacks it."""
        self._ahead: _Job | None = None
        self._dropped: list[_Job] = []
        self._prepared: deque[Path] = deque(maxlen=_MOST_PREPARED)
        self._whole: dict[str, None] = {}
        """Clips that the laptop has, the newest last."""
        self._sent: dict[str, set[int]] = {}
        """Blocks of other clips that went to this laptop."""
        self._in_flight = 0
        self._news = asyncio.Event()
        self.sent_bytes = 0
        """Of audio, so far."""

    async def run(self) -> None:
        """Send until cancelled."""
        with contextlib.suppress(ConnectionError):
            while True:
                self._news.clear()
                while self._dropped:
                    self._dropped.pop().upload.close()
                job = next((job for job in (self._playing, self._ahead) if job and not job.finished), None)
                window = WINDOW_BYTES if job is self._playing else AHEAD_BYTES
                if job is not None and self._in_flight < window:
                    await self._batch(job)
                elif job is None and self._prepared:
                    await self._offer(self._prepared.popleft())
                else:
                    await self._news.wait()

    def send(self, upload: "Upload", on_fault: Callable[[str], None]) -> None:
        """Send a clip that is to be played now, before any other."""
        if self._playing is not None:
            self._dropped.append(self._playing)
        self._playing = self._job_of(upload, on_fault)
        self._news.set()

    def prepare(self, path: Path) -> None:
        """Send a file when nothing else is to be sent."""
        self._prepared.append(path)
        self._news.set()

    def go_to(self, seconds: float) -> None:
        """What plays is needed from there on first."""
        if self._playing is not None:
            self._playing.upload.start = seconds
            self._playing.restart()

    def have(self, clips: Iterable[str]) -> None:
        """The laptop has these clips whole."""
        for clip in clips:
            self._whole[clip] = None
            self._sent.pop(clip, None)
        while len(self._whole) > _MOST_CLIPS:
            del self._whole[next(iter(self._whole))]

    def lack(self, clip: str) -> None:
        """The laptop has nothing of it, whatever was sent before."""
        self._whole.pop(clip, None)
        self._sent.pop(clip, None)
        for job in (self._playing, self._ahead):
            if job is not None and job.upload.clip == clip and job.assumed:
                job.done.clear()
                job.assumed = False
                job.restart()
        self._news.set()

    def acknowledge(self, count: int) -> None:
        """The laptop has taken so many bytes of audio."""
        self._in_flight = max(0, self._in_flight - count)
        self._news.set()

    def close(self) -> None:
        """Give files back; ``run`` must have ended."""
        for job in (self._playing, self._ahead, *self._dropped):
            if job is not None:
                job.upload.close()
        self._playing = self._ahead = None
        self._dropped.clear()

    def _job_of(self, upload: "Upload", on_fault: Callable[[str], None]) -> _Job:
        known = upload.clip in self._whole
        done = set(range(upload.segments)) if known else self._sent.setdefault(upload.clip, set())
        return _Job(upload, on_fault, done, assumed=bool(done))

    async def _batch(self, job: _Job) -> None:
        """Encode and send a few blocks."""
        try:
            blocks = await asyncio.to_thread(job.upload.take, job.batch, frozenset(job.done))
            if not blocks:
                raise SoundError("Damaged", "The file breaks off.")
        except SoundError as error:
            self._playing = None if job is self._playing else self._playing
            self._ahead = None if job is self._ahead else self._ahead
            self._dropped.append(job)
            job.on_fault(error.message)
            return
        job.batch = min(2 * job.batch, _MOST_BATCH)
        for number, flac in blocks:
            frame = segment_frame(job.upload.clip, number, flac)
            self._in_flight += len(frame.payload)
            self.sent_bytes += len(frame.payload)
            self._writer.write(frame.encode())
            job.done.add(number)
        await self._writer.drain()

    async def _offer(self, path: Path) -> None:
        """Begin to send a file ahead of its being played."""
        from ravetui.app.sound.wire.upload import Upload

        try:
            upload = await asyncio.to_thread(Upload, path, 0.0)
        except SoundError:
            return  # It is said when it is to be played.
        if upload.clip in self._whole:
            upload.close()
            return
        self._writer.write(message(Kind.OFFER, **upload.described).encode())
        if self._ahead is not None:
            self._dropped.append(self._ahead)
        self._ahead = self._job_of(upload, lambda _said: None)
