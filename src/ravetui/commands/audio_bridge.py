"""``ravetui audio-bridge``."""

import asyncio
import sys

import click

from ravetui.errors import SoundError


@click.command("audio-bridge")
def command() -> None:
    """The server's end of `ravetui listen`, which starts it over ssh; nobody types it."""
    from ravetui.app.sound.wire.bridge import serve

    if sys.stdin.isatty() or sys.stdout.isatty():
        remedy = "Run `ravetui listen` on the machine with the speakers: it starts this one."
        raise SoundError("Not for typing", "The audio bridge speaks to a listener, not to a terminal.", remedy)
    asyncio.run(serve())
