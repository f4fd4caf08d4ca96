"""What the listener does with frames: keeps the audio, has it played, and says what was really heard."""

import queue
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from ravetui.app.sound.device import REAL_BACKENDS, SILENT_BACKENDS, OutputDevice
from ravetui.app.sound.listen.cache import ClipCache, StoredClip
from ravetui.app.sound.listen.received import ReceivedClip
from ravetui.app.sound.player import Commands, Player
from ravetui.app.sound.wire.flac import warm_up
from ravetui.app.sound.wire.frame import Frame, Kind
from ravetui.app.sound.wire.message import WireError, message, read_message, read_segment
from ravetui.errors import SoundError

IDLE_SECONDS = 30.0
"""An unused device is kept this long."""

_KEPT_PLAYS = 32


class Listener:
    """Plays what any screen on the server asks for; the newest play takes the place of the one before.

    All methods belong to one thread; reports come from the player's own through ``later``.

    Args:
        cache: Where clips are kept.
        later: Runs a call in the thread that owns the listener.
        said: Called with the player's report of a device, or of the lack of one, whenever that changes.
        null: Accept a device that nobody can hear.
    """

    def __init__(
        self,
        cache: ClipCache,
        later: Callable[[Callable[[], None]], None],
        said: Callable[[dict[str, Any]], None],
        *,
        null: bool = False,
    ) -> None:
        self._cache = cache
        self._said = said
        self._lock = threading.Lock()
        self._commands: Commands = queue.Queue()
        self._send: Callable[[Frame], None] | None = None
        self._number = 0
        self._plays: dict[int, tuple[int, int, str]] = {}
        """Channel, id and clip of each play by the player's number."""
        self.device: dict[str, Any] = {}
        """The last report of the device."""
        backends = (*REAL_BACKENDS, *SILENT_BACKENDS) if null else REAL_BACKENDS
        self._player = Player(
            self._commands,
            lambda kind, **values: later(partial(self._report, kind, values)),
            lambda rate, channels, ms: OutputDevice(rate, channels, backends, silent=null, period_ms=ms),
            idle=IDLE_SECONDS,
        )
        self._later = later
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def plays(self) -> int:
        """How often something was to be played."""
        return self._number

    def start(self) -> None:
        """Look for a device; ``said`` is told."""
        threading.Thread(target=warm_up, daemon=True).start()
        self._thread.start()

    def attach(self, send: Callable[[Frame], None], host: str) -> None:
        """A bridge is there: tell it what is here."""
        self._send = send
        send(message(Kind.HAVE, clips=self._cache.names()))
        send(message(Kind.READY, backend=self.device["backend"], device=self.device["device"], host=host))

    def detach(self) -> None:
        """The bridge is gone, and nothing plays on for nobody."""
        self._send = None
        self._plays.clear()
        self._commands.put({"do": "stop"})

    def close(self) -> None:
        """End the player and give the files back."""
        self._commands.put(None)
        self._thread.join(3.0)
        self._cache.close()

    def take(self, frame: Frame) -> None:
        """Do what a frame asks; one that makes no sense is answered with an error or not at all."""
        try:
            self._take(frame)
        except (SoundError, OSError) as error:
            number = 0
            if frame.kind is Kind.PLAY and not isinstance(error, WireError):
                number = read_message(frame)["id"]
            elif frame.kind is Kind.DATA and self._plays.get(self._number, (0,))[0] == frame.channel:
                number = self._plays[self._number][1]
                self._commands.put({"do": "stop"})
            said = error.message if isinstance(error, SoundError) else f"The laptop's disk: {error.strerror}."
            self._tell(message(Kind.ERROR, frame.channel, id=number, fault="device", message=said))

    def _run(self) -> None:
        """The player's thread."""
        try:
            self._player.run()
        except Exception as error:
            reason = f"the player failed ({type(error).__name__}: {error})"
            self._later(partial(self._report, "no_device", {"id": self._number, "reason": reason}))

    def _take(self, frame: Frame) -> None:
        kind = frame.kind
        if kind is Kind.DATA:
            self._data(frame)
        elif kind is Kind.PLAY:
            self._play(frame.channel, read_message(frame))
        elif kind is Kind.OFFER:
            found = read_message(frame)
            self._clip(frame.channel, found)
        elif kind is Kind.PING and frame.channel:
            self._tell(frame)
        elif kind in (Kind.STOP, Kind.CLOSE):
            if self._plays.get(self._number, (0,))[0] == frame.channel:
                self._commands.put({"do": "stop"})
        elif kind is Kind.SEEK:
            self._command(frame, "seek", "seconds")
        elif kind is Kind.LOOP:
            self._command(frame, "loop", "on")
        elif kind is Kind.GAIN:
            found = read_message(frame)
            self._command(frame, "volume", volume=_factor(found["gain"]))

    def _command(self, frame: Frame, do: str, *fields: str, **values: Any) -> None:
        """Pass a command on to the player if it is about what plays."""
        found = read_message(frame)
        if self._plays.get(self._number, ())[:2] == (frame.channel, found["id"]):
            values |= {name: found[name] for name in fields}
            self._commands.put({"do": do, "id": self._number, **values})

    def _play(self, channel: int, found: dict[str, Any]) -> None:
        if not self._thread.is_alive():
            raise SoundError("No sound", "The laptop's player has failed: start `ravetui listen` there again.")
        stored = self._clip(channel, found)
        switch = found["switch"] and self._plays.get(self._number, (0,))[0] == channel
        self._number += 1
        self._plays[self._number] = (channel, found["id"], found["clip"])
        self._plays.pop(self._number - _KEPT_PLAYS, None)
        source = ReceivedClip(stored, found["rate"], found["channels"], self._lock)
        self._commands.put(
            {
                "do": "play",
                "id": self._number,
                "source": source,
                "start": found["start"],
                "volume": _factor(found["gain"]),
                "loop": found["loop"],
                "switch": switch,
            }
        )

    def _clip(self, channel: int, found: dict[str, Any]) -> StoredClip:
        """The stored clip that is meant; the screen is told whether it is here."""
        name = found["clip"]
        if found["codec"] != "flac":
            raise SoundError("Other codec", f"The laptop cannot play {found['codec']}.")
        with self._lock:
            known = self._cache.find(name)
            stored = self._cache.clip(name, found["length"])
            recent = [self._plays[number][2] for number in list(self._plays)[-4:]]
            self._cache.trim(frozenset({name, *recent}))
        if stored.whole:
            self._tell(message(Kind.HAVE, channel, clips=[name]))
        elif stored is not known:
            self._tell(message(Kind.LACK, channel, clip=name))
        return stored

    def _data(self, frame: Frame) -> None:
        name, number, flac = read_segment(frame)
        with self._lock:
            whole = self._cache.put(name, number, flac)
        self._tell(message(Kind.ACK, frame.channel, bytes=len(frame.payload)))
        # Each look of the player's costs the device's thread a turn, and one that is to come will see this block too.
        if self._commands.empty() and name == self._plays.get(self._number, (0, 0, ""))[2]:
            self._commands.put({"do": "wake"})
        if whole:
            self._tell(message(Kind.HAVE, clips=[name]))

    def _report(self, kind: str, values: dict[str, Any]) -> None:
        """Pass on what the player says."""
        number = values.pop("id", None)
        if kind in ("ready", "no_device") and {"report": kind, **values} != self.device:
            if kind == "ready" or number is None:
                self.device = {"report": kind, **values}
            self._said({"report": kind, **values})
        if number not in self._plays:
            return
        channel, play, name = self._plays[number]
        answers = {"started": Kind.START, "position": Kind.POS, "ended": Kind.END, "error": Kind.ERROR}
        if kind == "no_device":
            reason = f"the laptop: {values['reason']}".replace("this machine", "it")
            self._tell(message(Kind.ERROR, channel, id=play, fault="device", message=reason))
        elif kind in answers:
            if kind == "error" and values["fault"] == "file":
                with self._lock:
                    self._cache.drop(name)
                self._tell(message(Kind.LACK, channel, clip=name))
            self._tell(message(answers[kind], channel, id=play, **values))

    def _tell(self, frame: Frame) -> None:
        if self._send is not None:
            self._send(frame)


def _factor(decibel: float) -> float:
    return float(10 ** (decibel / 20))
