"""The sound device of this machine, opened honestly: silence that poses as a device is refused.

miniaudio has two ways to play to nobody without an error. Without any sound library on the machine it falls back to a
backend called Null, and a sound server without a card offers a dummy sink. Both run at the right pace and are silent.
"""

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ravetui.errors import SoundError

Block = NDArray[np.float32]
"""Interleaved audio, (frames, channels), −1 to 1."""

REAL_BACKENDS = ("WASAPI", "COREAUDIO", "PULSEAUDIO", "ALSA")
"""Asked in this order. JACK is left out: looking for it starts servers and prints; so is Null."""

SILENT_BACKENDS = ("NULL",)
"""Runs at the right pace and is heard by nobody."""

NO_DEVICE = "this machine has no sound device"
DUMMY_DEVICE = "the sound server of this machine has no device, only a dummy output that is silent"

PERIOD_MS, LONGEST_PERIOD_MS = 80, 320
"""Of the blocks that a device asks for: short ones come to the ear soon, long ones outlast a machine that is busy."""
PERIODS = 2
_DUMMY_SINK = b"auto_null"
"""What PulseAudio and PipeWire name the sink that stands in for a missing card; its description is localised."""


class OutputDevice:
    """An opened device that asks for audio from a thread of its own.

    Args:
        rate: Hz.
        channels: How many.
        backends: Asked one after the other.
        silent: Whether a device that nobody can hear will do.
        period_ms: Length of the blocks that it asks for.

    Raises:
        SoundError: No backend gave a device that can be heard.
    """

    def __init__(
        self,
        rate: int,
        channels: int,
        backends: Sequence[str] = REAL_BACKENDS,
        *,
        silent: bool = False,
        period_ms: int = PERIOD_MS,
    ) -> None:
        self.rate = rate
        """Hz; the system resamples to what the hardware runs at."""
        self.channels = channels
        self.latency = rate * period_ms * PERIODS // 1000
        """The most frames that were handed over and are not yet heard."""
        self._device = _open(rate, channels, backends, period_ms)
        self.backend: str = self._device.backend
        if self.backend == "Null" and not silent:
            self.close()
            raise SoundError("No sound", NO_DEVICE)
        self.name, identity = _name(self._device)
        if self.backend == "PulseAudio" and identity == _DUMMY_SINK and not silent:
            self.close()
            raise SoundError("No sound", DUMMY_DEVICE)

    @property
    def running(self) -> bool:
        """Whether the device is asking for audio."""
        return bool(self._device.running)

    def start(self, mix: Callable[[int], Block]) -> None:
        """Let the device ask ``mix(frames)`` for blocks of (frames, channels) until ``stop``.

        Raises:
            SoundError: The device was there when it was opened and does not start.
        """
        import miniaudio

        def feed() -> Any:
            block: Block | None = None
            while True:
                frames = yield block
                block = mix(frames)

        source = feed()
        next(source)
        try:
            self._device.start(source)
        except miniaudio.MiniaudioError as error:
            raise SoundError("No sound", f"{self.name} does not start: {error.args[0]}") from None

    def stop(self) -> None:
        """Ask for no more audio; the device stays open."""
        import miniaudio

        try:
            self._device.stop()
        except miniaudio.MiniaudioError as error:
            raise SoundError("No sound", f"{self.name} does not stop: {error.args[0]}") from None

    def close(self) -> None:
        """Give the device back to the system."""
        import miniaudio

        context = self._device._context
        self._device.close()
        # miniaudio's close leaves the context open: one more connection to the sound server every time.
        miniaudio.lib.ma_context_uninit(context)


def _open(rate: int, channels: int, backends: Sequence[str], period_ms: int) -> Any:
    """The first backend that opens, asked one by one: a server without sinks must not hide a card that ALSA has."""
    import miniaudio

    for name in backends:
        try:
            return miniaudio.PlaybackDevice(
                output_format=miniaudio.SampleFormat.FLOAT32,
                nchannels=channels,
                sample_rate=rate,
                buffersize_msec=period_ms,
                callback_periods=PERIODS,
                backends=[miniaudio.Backend[name]],
                app_name="ravetui",
            )
        except miniaudio.MiniaudioError:
            continue
    raise SoundError("No sound", NO_DEVICE)


def _name(device: Any) -> tuple[str, bytes]:
    """What the system calls the device for people, and its identity in the backend."""
    from miniaudio import DeviceType, ffi, lib

    info = ffi.new("ma_device_info *")
    identity: Any = ffi.NULL
    if device.backend == "PulseAudio" and (sink := os.environb.get(b"PULSE_SINK")):
        identity = ffi.new("ma_device_id *")
        ffi.memmove(identity, sink[:255], min(len(sink), 255))
    if lib.ma_context_get_device_info(device._context, DeviceType.PLAYBACK.value, identity, info) != 0:
        return "default device", b""
    raw = bytes(ffi.buffer(ffi.addressof(info, "id")))
    return ffi.string(info.name).decode(errors="replace"), raw.split(b"\0", 1)[0]
