"""The command ``ravetui``: which words it knows and where each is kept."""

import importlib
import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from ravetui.engine.launch.installed import ENGINE, not_installed
from ravetui.errors import RavetuiError

COMMANDS = {
    "audio-bridge": ("ravetui.commands.audio_bridge", "The server's end of listen, which starts it; nobody types it."),
    "clap": ("ravetui.commands.clap", "CLAP's weights for scoring: fetch, convert, show."),
    "data": ("ravetui.commands.data", "Prepare, list and show datasets."),
    "demo": ("ravetui.commands.demo", "Generated audio and a tiny run, through both phases in a minute or two."),
    "doctor": ("ravetui.commands.doctor", "Look whether this machine can train for days, and what to mend."),
    "import": ("ravetui.commands.import_", "Show runs of other programs: rave train's, or any TensorBoard folder."),
    "init": ("ravetui.commands.init", "Make a folder a workspace: config.toml with every default."),
    "listen": ("ravetui.commands.listen", "On the laptop: hear what is played in a ravetui on HOST."),
    "plan": ("ravetui.commands.plan", "Steps per epoch, phase boundaries and sizes, before anything starts."),
    "play": ("ravetui.commands.play", "Play an audio file and say where the sound went."),
    "rate": ("ravetui.commands.rate", "Rate a sample of a run with 1 to 5 stars."),
    "run": ("ravetui.commands.run", "Make, start, stop and look at runs."),
    "sample": ("ravetui.commands.sample", "Render a checkpoint's reconstructions of the validation clips."),
    "score": ("ravetui.commands.score", "Judge a checkpoint: FAD, KID, diversity."),
    "series": ("ravetui.commands.series", "The numbers behind a curve."),
}


class LazyGroup(click.Group):
    """Imports a command's module when that command is called, so that every other one starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command's object: attribute ``command`` of its module."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in ``--help``, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(COMMANDS.items())])


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-w",
    "--workspace",
    type=click.Path(path_type=Path, file_okay=False),
    help="The workspace that the screen opens on.",
)
@click.version_option(package_name="ravetui")
@click.pass_context
def ravetui(context: click.Context, workspace: Path | None) -> None:
    """Train, watch, hear and score RAVE audio models. Without a command it opens the screen."""
    if context.invoked_subcommand is None:
        module: Any = importlib.import_module("ravetui.commands.screen")
        module.open_screen(workspace)


def main() -> NoReturn:
    """Run the command line; exit 0, 1 (failed: one sentence and what to do) or 2 (wrong usage)."""
    try:
        code = ravetui.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except ModuleNotFoundError as error:
        if error.name not in ENGINE:
            raise
        fail(not_installed(error.name))
    except RavetuiError as error:
        fail(error)
    # Without standalone mode click returns the code of a command that called `context.exit`.
    sys.exit(code if isinstance(code, int) else 0)


def fail(error: RavetuiError) -> NoReturn:
    """Say what went wrong and what to do; as JSON on standard output too when ``--json`` was asked for."""
    click.echo(f"{error.title}: {error.message}\n{error.remedy}".rstrip(), err=True)
    if "--json" in sys.argv:
        click.echo(json.dumps({"error": error.title, "message": error.message, "remedy": error.remedy}))
    sys.exit(1)
