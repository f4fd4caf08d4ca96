"""``ravetui run show`` of a run of another program."""

from typing import Any

from ravetui.commands.finite import finite
from ravetui.commands.output import emit, table
from ravetui.commands.shown_scores import SCORE_COLUMNS, score_rows, scores_of
from ravetui.runs.foreign.folder import ForeignFolder
from ravetui.runs.foreign.watcher import ForeignWatcher, config_text
from ravetui.runs.format import bytes_, duration, moment, quantity, steps


def show_foreign(folder: ForeignFolder, as_json: bool) -> None:
    """Print everything that its files tell."""
    watcher = ForeignWatcher(folder)
    summary = watcher.summary()
    config, path = config_text(folder, watcher.history)
    begun = watcher.history.resumed_at()
    document = {
        **summary.as_dict(),
        "path": str(folder.source),
        "transitions": [{"phase": item.phase, "step": item.step} for item in summary.progress.transitions],
        "tags": list(watcher.history.tags),
        "checkpoints": [{**item.as_dict(), "name": item.label} for item in watcher.checkpoints()],
        "samples": [
            {"step": step, "clips": [{"name": clip.tag, "event_file": str(clip.file)} for clip in clips]}
            for step, clips in sorted(watcher.sounds().items(), reverse=True)
        ],
        "scores": scores_of(folder),
        "attempts": [
            {
                "attempt": number,
                "from_step": begun.get(number),
                "started": min((file.begun for file in inside if file.begun is not None), default=None),
                "path": str(inside[0].path.parent) if inside else None,
            }
            for number, inside in enumerate(watcher.history.attempts, 1)
        ],
        "damaged": [text for file in watcher.history.files for text in file.damage],
        "config": config,
        "config_path": str(path) if path else None,
    }
    emit(finite(document), _report(document), as_json=as_json)


def _report(found: dict[str, Any]) -> str:
    epochs = f", epoch {found['epoch']:.0f}" if found["steps_per_epoch"] else ""
    head = [
        ("run", f"{found['run']}: {found['state']}: {found['reason']}"),
        ("written by", f"{found['preset']}; only read here"),
        ("path", found["path"]),
        ("step", f"{steps(found['step'])}{epochs}"),
    ]
    if found["steps_per_epoch"]:
        head.append(("epoch", f"{steps(found['steps_per_epoch'])} steps, {duration(found['epoch_s'])}"))
    head += [("phase change", f"to {item['phase']} at step {steps(item['step'])}") for item in found["transitions"]]
    head += [("damaged", text) for text in found["damaged"]]
    head.append(("curves", ", ".join(found["tags"]) or "none yet"))
    parts = ["\n".join(f"{name:<13}{text}" for name, text in head)]
    checkpoints = [
        (
            steps(item["step"]),
            item["phase"],
            quantity(item["validation"]),
            bytes_(item["bytes"]),
            moment(item["saved"]),
            item["name"],
        )
        for item in found["checkpoints"]
    ]
    attempts = [
        (item["attempt"], steps(item["from_step"] or 0), moment(item["started"]) if item["started"] else "–")
        for item in found["attempts"]
    ]
    if checkpoints:
        parts.append(table(("checkpoint", "phase", "validation", "size", "saved", "name"), checkpoints))
    if found["scores"]:
        parts.append(table(SCORE_COLUMNS, score_rows(found["scores"])))
    if attempts:
        parts.append(table(("attempt", "from step", "started"), attempts))
    if found["config"]:
        parts.append(found["config"].rstrip())
    return "\n\n".join(parts)
