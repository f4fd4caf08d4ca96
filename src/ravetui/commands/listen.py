"""``ravetui listen``."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ravetui.commands.output import emit, json_option, say
from ravetui.errors import SoundError


@click.command("listen")
@click.argument("host", metavar="[USER@]HOST")
@click.option("-p", "--port", type=click.IntRange(1, 65535), help="The port of sshd on HOST.")
@click.option("--command", "ssh", default="", metavar="WORDS", help="In place of ssh: 'ssh -J jump', 'ssh -i key'.")
@click.option("--remote", default="", metavar="PATH", help="Where ravetui is on HOST; remembered for the next time.")
@click.option("--cache", type=click.IntRange(min=16), default=512, show_default=True, help="MB for clips here.")
@click.option("--null", is_flag=True, help="Accept a device that nobody can hear.")
@json_option
def command(host: str, port: int | None, ssh: str, remote: str, cache: int, null: bool, as_json: bool) -> None:
    """On the laptop: hear what is played in a ravetui on HOST, until Ctrl-C.

    One ssh connection, no port; it comes back by itself. Audio is kept here, so what was heard once is not sent again.
    """
    from ravetui.app.sound.listen import remote as there

    if host.startswith("-"):
        raise click.UsageError(f"{host} is no host.")
    if remote and not there.is_safe(remote):
        raise click.UsageError("--remote must be a plain path.")
    argv = there.ssh_command(host, program=remote or there.remembered(host), command=ssh, port=port)
    document = asyncio.run(_listen(argv, host, remote, cache * 10**6, null=null))
    emit(document, f"Played {document['plays']} times, connected {document['connections']} times.", as_json=as_json)


async def _listen(argv: list[str], host: str, remote: str, limit: int, *, null: bool) -> dict[str, Any]:
    """Listen until Ctrl-C; what has been done by then."""
    from ravetui.app.sound.listen.cache import ClipCache
    from ravetui.app.sound.listen.connection import Connection
    from ravetui.app.sound.listen.listener import Listener
    from ravetui.app.sound.listen.remote import remember

    loop, device = asyncio.get_running_loop(), asyncio.Event()

    def said(report: dict[str, Any]) -> None:
        if report["report"] == "ready":
            say(f"Sound goes to {report['device']} ({report['backend']}).")
        else:
            say(f"No sound: {report['reason']}.")
        device.set()

    try:
        cache = ClipCache(_cache_folder(), limit)
    except OSError as error:
        raise SoundError("No cache", f"{_cache_folder()} cannot be used: {error.strerror}.") from None

    def later(call: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # After Ctrl-C nobody is left to be told.
            loop.call_soon_threadsafe(call)

    listener = Listener(cache, later, said, null=null)
    connection = Connection(argv, host, listener, say)
    whole = asyncio.current_task()
    assert whole is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        _on_signal(loop, number, whole)
    try:
        listener.start()
        await device.wait()
        if listener.device["report"] != "ready":
            remedy = "See that something plays on this machine, or use --null to hear nothing."
            raise SoundError("No sound", f"Nothing can be heard: {listener.device['reason']}.", remedy)
        if remote:
            remember(host, remote)
        await connection.run()
    except asyncio.CancelledError:
        whole.uncancel()
    finally:
        listener.close()
    found = listener.device
    where = {"backend": found.get("backend"), "device": found.get("device")}
    return {"host": host, **where, "plays": listener.plays, "connections": connection.connected}


def _on_signal(loop: asyncio.AbstractEventLoop, number: signal.Signals, whole: "asyncio.Task[Any]") -> None:
    try:
        loop.add_signal_handler(number, whole.cancel)
    except NotImplementedError:  # Windows: Ctrl-C is an exception there.
        return


def _cache_folder() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ravetui" / "clips"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ravetui" / "clips"
