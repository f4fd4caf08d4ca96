"""What ``plan`` and ``run new`` share: a dataset, a preset and changes to it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from ravetui.runs.format import bytes_, duration

F = TypeVar("F", bound=Callable[..., Any])


def planning_options(command: F) -> F:
    """Add ``--data``, ``--preset`` and ``--set``, as the arguments ``data``, ``preset`` and ``changes``."""
    for option in (
        set_option,
        click.option("--preset", help="Model and schedule to start from; run.preset of config.toml if not given."),
        click.option("--data", required=True, metavar="DATASET", help="A prepared dataset."),
    ):
        command = option(command)
    return command


def set_option(command: F) -> F:
    """Add ``--set``, as the argument ``changes``."""
    return click.option(
        "--set",
        "changes",
        multiple=True,
        metavar="KEY=VALUE",
        callback=_changes,
        help="Another value for a setting, such as batch_size=16 or phase_1='97 epochs'.",
    )(command)


def all_changes(preset: str | None, changes: dict[str, str]) -> dict[str, str]:
    """The preset among the changes, as :func:`ravetui.engine.plan.make_plan` takes them."""
    return changes if preset is None else {**changes, "preset": preset}


def changed_words(changed: Mapping[str, Sequence[Any]]) -> str:
    """``learning_rate = 0.0005 (preset 0.001), …`` of each setting's value in the preset and in the run."""
    return ", ".join(f"{name} = {_shown(now)} (preset {_shown(before)})" for name, (before, now) in changed.items())


def expected_rows(expected: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a run will take here, as lines of a name and what it is."""
    if expected["source"] is None:
        time = "not known yet: no run of this shape has trained here; --measure times a few steps"
    else:
        phases = (("phase 1", "phase_1_s"), ("phase 2", "phase_2_s"), ("all", "total_s"))
        parts = [f"{name} {duration(expected[key])}" for name, key in phases if expected[key] != 0]
        epoch = f"an epoch of phase 1 {duration(expected['epoch_1_s'])}"
        time = f"{', '.join(parts)}; {epoch} (estimated, {expected['source']})"
    known = expected["memory_source"]
    memory = [
        f"{name} {bytes_(expected[key])}"
        for name, key in (("phase 1", "memory_1_bytes"), ("phase 2", "memory_2_bytes"))
        if expected[key] is not None
    ]
    there = expected["memory_there_bytes"]
    of = f", {bytes_(there)} there" if there else ""
    free = expected["disk_free_bytes"]
    disk = f", {bytes_(free)} free" if free is not None else ""
    kept, size = expected["checkpoints_kept"], expected["checkpoint_bytes"]
    return [
        ("time", time),
        ("memory", f"{', '.join(memory)} ({known}){of}"),
        ("disk", f"{kept} checkpoints of {bytes_(size)} stay, {bytes_(expected['disk_bytes'])} at most{disk}"),
    ]


def kept_words(plan: Mapping[str, Any]) -> str:
    """What a fork with other batches keeps of the boundaries of :meth:`ravetui.engine.plan.Plan.as_dict`."""
    names = {"phase 1": plan["phase_1"], "the total": plan["total"], "validation": plan["validation"]}
    kept = [f"{name} at {each['typed']}" for name, each in names.items() if each["typed"]]
    return f"a fork with another one keeps {', '.join(kept)}" if kept else ""


def _shown(value: Any) -> str:
    return repr(value) if value == "" else str(value)


def _changes(_context: click.Context, _parameter: click.Parameter, typed: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for item in typed:
        key, mark, value = item.partition("=")
        if not mark or not key.strip():
            raise click.BadParameter(f"{item!r} is not KEY=VALUE.")
        found[key.strip()] = value.strip()
    return found
