"""What a run will be, as the forms say it."""

from collections.abc import Mapping
from typing import Any

from textual.content import Content

from ravetui.runs.format import bytes_, duration, steps
from ravetui.runs.stop_rule import NEVER


def plan_words(plan: Mapping[str, Any], expected: Mapping[str, Any] | None, note: str = "") -> Content:
    """The plan in lines.

    Args:
        plan: See :meth:`ravetui.engine.plan.Plan.as_dict`; of a fork also ``before``, its parent's boundaries in steps.
        expected: See :meth:`ravetui.engine.expectation.Expectations.of`; None: not known yet.
        note: What a measurement does or did.
    """
    first, total = plan["phase_1"], plan["total"]
    crops = plan["batch_size"] * plan["ranks"]
    plateau = f"; phase 2 by plateau of {plan['plateau']}" if plan["plateau"] not in NEVER else ""
    lines = (
        (
            f"{steps(plan['steps_per_epoch'])} steps an epoch",
            f" ({steps(plan['training_crops'])} crops of {plan['crop_s']:.2f} s, {crops} a step)",
        ),
        (f"phase 2 after step {steps(first['steps'])}", f" ({_length(first)}{_was(plan, 'phase_1')})"),
        (f"end after step {steps(total['steps'])}", f" ({_length(total)}{_was(plan, 'total')})"),
        (f"validation every {steps(plan['validate_every'])} steps", f"{_was(plan, 'validation')}{plateau}"),
    )
    said = [Content.assemble((main, "$number"), (rest, "$quiet")) for main, rest in lines]
    said += _expected(expected, note) if expected else []
    warnings = [*plan["warnings"], *(expected["warnings"] if expected else ())]
    said += [Content.styled(sentence, "$warning") for sentence in warnings]
    return Content("\n").join(said)


def _expected(expected: Mapping[str, Any], note: str) -> list[Content]:
    """What it takes here: time, or how to know it; memory and disk."""
    if note:
        time = Content.styled(note, "$run-waiting")
    elif expected["source"] is None:
        time = Content.styled("time not known here yet: ctrl+t times a few real steps of both phases", "$quiet")
    else:
        parts = [duration(expected[key]) for key in ("phase_1_s", "phase_2_s") if expected[key] != 0]
        phases = " + ".join(parts) + (f" = {duration(expected['total_s'])}" if len(parts) > 1 else "")
        source = f" ({expected['source']})"
        time = Content.assemble(("takes about ", "$quiet"), (phases, "$number"), (source, "$quiet"))
    needed = max(expected["memory_1_bytes"], expected["memory_2_bytes"] or 0)
    about = "" if expected["memory_source"] == "measured" else "about "
    there, free = expected["memory_there_bytes"], expected["disk_free_bytes"]
    memory = f"memory {about}{bytes_(needed)}" + (f" of {bytes_(there)}" if there else "")
    disk = f"{expected['checkpoints_kept']} checkpoints {bytes_(expected['disk_bytes'])}"
    disk += f" of {bytes_(free)} free" if free is not None else ""
    return [time, Content.assemble((memory, "$number"), (f" · {disk}", "$quiet"))]


def _was(plan: Mapping[str, Any], name: str) -> str:
    """Where a boundary of a fork was in the run that it goes on from."""
    before = plan.get("before", {}).get(name)
    return f"; was {steps(before)}" if before not in (None, plan[name]["steps"]) else ""


def _length(length: dict[str, float]) -> str:
    """Epochs and hours of audio that have been heard by then."""
    return f"{_epochs(length['epochs'])}, {_hours(length['audio_h'])} of audio"


def _epochs(number: float) -> str:
    return f"epoch {number:.1f}" if number < 1000 else f"epoch {steps(round(number))}"


def _hours(number: float) -> str:
    return f"{number:.1f} h" if number < 10 else f"{steps(round(number))} h"
