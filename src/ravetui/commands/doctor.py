"""``ravetui doctor``."""

import dataclasses
from pathlib import Path

import click

from ravetui.commands.checks import Check, host_checks, workspace_checks
from ravetui.commands.output import emit, json_option
from ravetui.engine.launch.logout import boot_unit
from ravetui.errors import ConfigError
from ravetui.runs.workspace import Workspace, find_workspace

_SIGNS = {"ok": "✓", "warn": "!", "fail": "✗"}


@click.command("doctor")
@click.option("--unit", is_flag=True, help="Print the systemd user unit that resumes runs after a restart.")
@click.option("-w", "--workspace", "root", type=click.Path(path_type=Path, file_okay=False), help="The workspace.")
@json_option
@click.pass_context
def command(context: click.Context, unit: bool, root: Path | None, as_json: bool) -> None:
    """Look whether this machine and workspace can train for days; exit 1 if something is wrong."""
    start = root or context.find_root().params.get("workspace") or Path.cwd()
    if unit:
        text = boot_unit(find_workspace(start).root)
        emit({"unit": text}, text.rstrip("\n"), as_json=as_json)
        return
    workspace: Workspace | None = None
    found = list(host_checks())
    try:
        workspace = find_workspace(start)
    except ConfigError as error:
        found.append(Check("workspace", "warn", error.message, error.remedy))
    else:
        found += workspace_checks(workspace)
    document = {
        "checks": [dataclasses.asdict(check) for check in found],
        "unit": boot_unit(workspace.root) if workspace else None,
    }
    emit(document, "\n".join(map(_line, found)), as_json=as_json)
    if any(check.level == "fail" for check in found):
        context.exit(1)


def _line(check: Check) -> str:
    remedy = f"\n{'':13}→ {check.remedy}" if check.remedy else ""
    return f"{_SIGNS[check.level]} {check.name:<11}{check.said}{remedy}"
