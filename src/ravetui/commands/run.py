"""``ravetui run``: the words it knows, each kept beside those it is used with."""

import click

from ravetui.commands import run_blind, run_control, run_list, run_log, run_make, run_queue, run_show, run_trash


@click.group("run")
def command() -> None:
    """Make, start, stop and look at runs."""


for word in (
    run_make.new,
    run_make.start,
    run_make.fork,
    run_queue.queue,
    run_queue.unqueue,
    run_control.stop,
    run_control.phase,
    run_control.wait,
    run_control.pin,
    run_trash.delete,
    run_trash.restore,
    run_trash.trash,
    run_list.list_runs,
    run_show.show,
    run_blind.blind,
    run_log.log,
    run_log.note,
):
    command.add_command(word)
