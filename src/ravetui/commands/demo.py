"""``ravetui demo``."""

import sys
from pathlib import Path
from typing import Any

import click

from ravetui.commands.output import ProgressLine, emit, json_option, say, table
from ravetui.commands.score_words import score_table
from ravetui.runs.format import steps


@click.command("demo")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"))
@click.option("--headless", is_flag=True, help="Run to the end and print the table, also on a terminal.")
@json_option
def command(folder: Path, headless: bool, as_json: bool) -> None:
    """Make FOLDER a workspace with generated audio and start a tiny run that goes through both phases.

    On a terminal the screen opens on it; anywhere else it runs to the end, is scored, and the table is printed.
    """
    from ravetui.jobs.demo import follow, judge, make_demo

    line = ProgressLine("generating and preparing audio")
    run = make_demo(folder, line.update)
    line.close()
    if sys.stdout.isatty() and sys.stdin.isatty() and not headless and not as_json:
        from ravetui.commands.screen import open_screen

        open_screen(folder)
        return
    say(f"training {run.name} in the background; stop watching with ctrl+c, it goes on")
    line = ProgressLine(f"training {run.name}")
    summary = follow(run, line.update)
    line.close()
    line = ProgressLine("scoring")
    result = judge(run, summary, line.update).as_dict()
    line.close()
    emit(result, _text(result), as_json=as_json)


def _text(result: dict[str, Any]) -> str:
    """What happened and where everything lies."""
    changed = ", ".join(f"phase {t['phase']} after step {steps(t['step'])}" for t in result["transitions"])
    first, last = result["validation"]["first"], result["validation"]["last"]
    where = Path(result["path"])
    newest = where / "checkpoints" / f"step-{max(result['checkpoints']):09d}"
    rows = [
        ("run", f"{result['run']}: {result['reason']}"),
        ("phases", changed),
        ("trained", f"{steps(result['step'])} steps, {result['epoch']:.1f} epochs"),
        ("validation", f"{first:.3f} at first, {last:.3f} at the end (it may rise in phase 2)"),
        ("checkpoints", newest),
        ("samples", f"{len(result['samples'])} clips in {Path(result['samples'][0]).parent}"),
        ("scores", where / "scores"),
        ("log", where / "attempts"),
    ]
    return "\n".join(
        [
            table(("what", "which and where"), rows),
            "",
            score_table(result["score"]),
            "",
            f"Watch it:  ravetui -w {result['workspace']}",
            f"Hear it:   ravetui play {result['samples'][0]}",
        ]
    )
