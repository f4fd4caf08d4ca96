"""``ravetui run show``."""

import dataclasses
from typing import Any

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.finite import finite
from ravetui.commands.output import emit, json_option, table
from ravetui.commands.planning import changed_words
from ravetui.runs.advice import advise
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.estimate import with_estimate
from ravetui.runs.evidence import gather
from ravetui.runs.folder import AttemptFolder, RunFolder
from ravetui.runs.format import bytes_, duration, moment, quantity, steps
from ravetui.runs.jobs import list_jobs
from ravetui.runs.record import read_exit, read_proc
from ravetui.runs.samples import list_samples, sampled_steps
from ravetui.runs.scores import list_scores
from ravetui.runs.summary import RunSummary, RunWatcher
from ravetui.runs.workspace import Workspace


@click.command("show")
@click.argument("run")
@workspace_option
@json_option
def show(run: str, workspace: Workspace, as_json: bool) -> None:
    """Show everything about RUN: where it is, phases, checkpoints, samples, scores, attempts."""
    watcher = RunWatcher(workspace.run(run))
    summary = with_estimate(workspace, watcher.summary())
    watcher.history.poll()
    advice = [item.text for item in advise(gather(summary.spec, summary.progress, watcher.history))]
    document = finite({**_document(watcher.run, summary, watcher.history.resumed_at()), "advice": advice})
    emit(document, _report(document, _sentence(summary)), as_json=as_json)


def _sentence(summary: RunSummary) -> str:
    still = f", {summary.stall.sentence}" if summary.stall else ""
    return summary.status.sentence + still


def _document(run: RunFolder, summary: RunSummary, resumed: dict[int, int]) -> dict[str, Any]:
    from ravetui.engine.departures import departures

    spec = summary.spec
    return {
        **summary.as_dict(),
        "path": str(run.path),
        "id": spec.id,
        "parent": dataclasses.asdict(spec.parent) if spec.parent else None,
        "lengths": dataclasses.asdict(spec.lengths),
        "changed": {
            name: list(pair)
            for name, pair in departures(spec.preset, spec.model, spec.loss, spec.training, spec.augment).items()
        },
        "transitions": [{"phase": item.phase, "step": item.step} for item in summary.progress.transitions],
        "checkpoints": [
            {
                "step": item.step,
                "phase": item.phase,
                "validation": item.validation,
                "path": str(item.path),
                "bytes": item.bytes,
                "saved": item.saved,
                "attempt": item.attempt,
                "pinned": item.pinned,
            }
            for item in list_checkpoints(run)
        ],
        "samples": [_samples(run, step) for step in sampled_steps(run)],
        "scores": [
            {
                "run": item.run,
                "checkpoint": item.checkpoint,
                "embedder": item.embedder,
                "reference": item.reference,
                "n": item.n,
                "metrics": dict(item.metrics),
                "created": item.created,
                "path": str(item.path),
            }
            for item in list_scores(run)
        ],
        "attempts": [_attempt(item, resumed.get(item.number)) for item in run.attempt_folders()],
        "jobs": [
            {
                "kind": job.kind,
                "step": job.step,
                "detail": job.detail,
                "state": job.status.state.value,
                "reason": job.status.reason,
                "fraction": job.fraction,
            }
            for job in list_jobs(run)
        ],
    }


def _samples(run: RunFolder, step: int) -> dict[str, Any]:
    clips = list_samples(run, step)
    return {
        "step": step,
        "phase": clips[0].phase if clips else None,
        "clips": [
            {
                "name": clip.name,
                "seconds": clip.seconds,
                "reconstruction": str(clip.reconstruction),
                "original": str(clip.original),
                "distance": clip.distance,
            }
            for clip in clips
        ],
    }


def _attempt(attempt: AttemptFolder, resumed_at: int | None) -> dict[str, Any]:
    proc, ended = read_proc(attempt), read_exit(attempt)
    return {
        "attempt": attempt.number,
        "from_step": resumed_at,
        "started": proc.started if proc else None,
        "pid": proc.pid if proc else None,
        "host": proc.host if proc else None,
        "ended": ended.ended if ended else None,
        "outcome": ended.outcome if ended else None,
        "reason": ended.reason if ended else None,
        "exit_code": ended.exit_code if ended else None,
        "signal": ended.signal if ended else None,
        "log": str(attempt.log),
    }


def _report(found: dict[str, Any], state: str) -> str:
    """The same for a person: a head, then a table of each thing there is."""
    head = [
        ("run", f"{found['run']}: {state}"),
        ("path", found["path"]),
        (
            "step",
            f"{steps(found['step'])} of {steps(found['total_steps'])}, epoch {found['epoch']:.1f}, "
            f"phase {found['phase']}",
        ),
        ("epoch", f"{steps(found['steps_per_epoch'])} steps, {duration(found['epoch_s'])}{_waiting(found)}"),
    ]
    if found["pid"]:
        head += [
            ("pid", found["pid"]),
            ("phase ends", f"in {duration(found['phase_eta_s'])}"),
            ("run ends", f"in {duration(found['eta_s'])}{_estimated(found)}"),
        ]
    if found["stalled_advice"]:
        head.append(("stands still", found["stalled_advice"]))
    if (job := found["slurm"]) and found["state"] in ("queued", "running", "stopping", "unsupervised"):
        where = f" on {job['nodes']}" if job["nodes"] else ""
        limit = f", its limit in {duration(job['limit_s'])}" if job["limit_s"] is not None else ""
        head.append(("SLURM job", f"{job['job']}{where}{limit}"))
    if found["parent"]:
        head.append(("forked from", _origin(found["parent"])))
    if typed := [f"{name.replace('_', ' ')} {text}" for name, text in found["lengths"].items() if text]:
        head.append(("lengths", ", ".join(typed)))
    if found["changed"]:
        head.append(("changed", changed_words(found["changed"])))
    head += [("phase change", f"to {item['phase']} at step {steps(item['step'])}") for item in found["transitions"]]
    head += [("advice", text) for text in found["advice"]]
    parts = ["\n".join(f"{name:<13}{text}" for name, text in head)]
    for headers, rows in _tables(found):
        if rows:
            parts.append(table(headers, rows))
    return "\n\n".join(parts)


def _tables(found: dict[str, Any]) -> list[tuple[tuple[str, ...], list[tuple[object, ...]]]]:
    checkpoints: list[tuple[object, ...]] = [
        (
            steps(item["step"]),
            item["phase"],
            quantity(item["validation"]),
            bytes_(item["bytes"]),
            moment(item["saved"]),
            "pinned" if item["pinned"] else "",
        )
        for item in found["checkpoints"]
    ]
    samples: list[tuple[object, ...]] = [
        (steps(item["step"]), clip["name"], f"{clip['seconds']:.1f} s", quantity(clip["distance"]))
        for item in found["samples"][:1]
        for clip in item["clips"]
    ]
    scores: list[tuple[object, ...]] = [
        (
            steps(item["checkpoint"]),
            item["embedder"],
            item["reference"],
            name,
            quantity(value.get("value")),
            f"{quantity(value.get('low'))} to {quantity(value.get('high'))}",
        )
        for item in found["scores"]
        for name, value in item["metrics"].items()
    ]
    attempts: list[tuple[object, ...]] = [
        (
            item["attempt"],
            steps(item["from_step"] or 0),
            moment(item["started"]) if item["started"] else "–",
            item["outcome"] or "–",
            item["reason"] or "–",
        )
        for item in found["attempts"]
    ]
    return [
        (("checkpoint", "phase", "validation", "size", "saved", ""), checkpoints),
        (("newest samples", "clip", "length", "distance"), samples),
        (("score of", "embedder", "reference", "metric", "value", "interval"), scores),
        (("attempt", "from step", "started", "outcome", "reason"), attempts),
    ]


def _origin(parent: dict[str, Any]) -> str:
    done = f", epoch {parent['epochs']:.1f}" if parent["epochs"] else ""
    return f"{parent['run']} at step {steps(parent['step'])}{done}"


def _estimated(found: dict[str, Any]) -> str:
    """Whose phase 2 the end was estimated from."""
    other = found["eta_estimated_from"]
    return f" (estimated: phase 2 as in {other})" if other else ""


def _waiting(found: dict[str, Any]) -> str:
    """Which share of a step's time goes into waiting for data."""
    share = found["data_share"]
    return "" if share is None else f", {100 * share:.1f} % of a step waiting for data"
