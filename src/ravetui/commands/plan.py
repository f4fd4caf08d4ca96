"""``ravetui plan``."""

from typing import Any

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.output import emit, json_option, say
from ravetui.commands.planning import all_changes, changed_words, expected_rows, kept_words, planning_options
from ravetui.runs.estimate import all_summaries
from ravetui.runs.format import steps
from ravetui.runs.stop_rule import NEVER
from ravetui.runs.workspace import Workspace


@click.command("plan")
@planning_options
@click.option("--measure", is_flag=True, help="Time a few real steps of both phases first; the result is kept.")
@workspace_option
@json_option
def command(
    data: str, preset: str | None, changes: dict[str, str], measure: bool, workspace: Workspace, as_json: bool
) -> None:
    """Say what a run would be: steps per epoch, phase boundaries, time, memory, disk. Nothing is made."""
    from ravetui.engine.data.index import read_index
    from ravetui.engine.expectation import Expectations
    from ravetui.engine.plan import make_plan

    index, asked = read_index(workspace.dataset_path(data)), all_changes(preset, changes)
    plan = make_plan(index, workspace.config.run, asked)
    if measure:
        _measure(workspace, data, asked)
    summaries = all_summaries(workspace, lambda folder, error: say(f"{folder.name} is left out: {error}"))
    expected = Expectations(workspace, [] if measure else summaries).of(plan)
    document = {**plan.as_dict(), "expected": expected}
    emit(document, _report(document, data), as_json=as_json)


def _measure(workspace: Workspace, data: str, changes: dict[str, str]) -> None:
    from ravetui.engine.launch.measurement import Measurement

    Measurement(workspace, data, changes).wait(lambda fraction, note: say(f"{100 * fraction:3.0f} % {note}"))


def _report(plan: dict[str, Any], data: str) -> str:
    """The plan as lines of a name and what it is."""
    phase_1, total, every = plan["phase_1"], plan["total"], plan["validation"]
    phase_2_epochs = max(total["epochs"] - phase_1["epochs"], 0.0)
    rows = [
        ("preset", f"{plan['preset']} on {data}"),
        (
            "an epoch",
            f"{steps(plan['steps_per_epoch'])} steps: {steps(plan['training_crops'])} crops of "
            f"{plan['crop_s']:.2f} s in batches of {plan['batch_size']}{_ranks(plan['ranks'])}",
        ),
        ("phase 1", f"to step {steps(phase_1['steps'])}{_at_latest(plan['plateau'])}: {_heard(phase_1)}"),
        (
            "phase 2",
            f"to step {steps(total['steps'])}: {phase_2_epochs:.1f} epochs more, {total['epochs']:.1f} in all, "
            f"{total['audio_h']:.1f} h of audio",
        ),
        ("validation", f"every {steps(every['steps'])} steps ({_heard(every)}), with samples and a checkpoint"),
        ("latent", f"{plan['latent_rate_hz']:.2f} Hz, one frame each {plan['hop_length']} samples"),
    ]
    rows += [("batch size", kept)] if (kept := kept_words(plan)) else []
    rules = [("stop after", plan["stop_after"]), ("patience", plan["patience"])]
    rows += [(name, f"{text}: it then saves and stops") for name, text in rules if text]
    rows += [("changed", changed_words(plan["changed"]))] if plan["changed"] else []
    rows += expected_rows(plan["expected"])
    rows += [("warning", sentence) for sentence in (*plan["warnings"], *plan["expected"]["warnings"])]
    return "\n".join(f"{name:<11} {text}" for name, text in rows)


def _heard(length: dict[str, float]) -> str:
    return f"{length['epochs']:.1f} epochs, {length['audio_h']:.1f} h of audio"


def _ranks(number: int) -> str:
    return f" on each of {number} ranks" if number > 1 else ""


def _at_latest(plateau: str) -> str:
    return f" at the latest, or after {plateau} without an improvement" if plateau not in NEVER else ""
