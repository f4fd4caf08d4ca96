"""``ravetui run show``."""

import dataclasses
import time
from typing import Any

import click

from ravetui.commands.context import workspace_option
from ravetui.commands.finite import finite
from ravetui.commands.foreign_show import show_foreign
from ravetui.commands.output import emit, json_option, table
from ravetui.commands.planning import changed_words
from ravetui.commands.shown_scores import SCORE_COLUMNS, score_rows, scores_of
from ravetui.runs.advice import advise
from ravetui.runs.checkpoints import list_checkpoints
from ravetui.runs.estimate import MEASURED, with_estimate
from ravetui.runs.evidence import gather
from ravetui.runs.folder import AttemptFolder, RunFolder
from ravetui.runs.foreign.folder import ForeignFolder
from ravetui.runs.format import bytes_, duration, moment, quantity, steps
from ravetui.runs.jobs import list_jobs
from ravetui.runs.ratings import read_ratings
from ravetui.runs.record import read_exit, read_proc
from ravetui.runs.resources import newest
from ravetui.runs.samples import list_samples, sampled_steps
from ravetui.runs.summary import RunSummary, RunWatcher
from ravetui.runs.workspace import Workspace


@click.command("show")
@click.argument("run")
@workspace_option
@json_option
def show(run: str, workspace: Workspace, as_json: bool) -> None:
    """Show everything about RUN: where it is, phases, checkpoints, samples, scores, attempts."""
    folder = workspace.any_run(run)
    if isinstance(folder, ForeignFolder):
        show_foreign(folder, as_json)
        return
    watcher = RunWatcher(folder)
    summary = with_estimate(workspace, watcher.summary())
    watcher.history.poll()
    saved, hours = list_checkpoints(watcher.run), workspace.config.run.keep_every_hours
    used = newest(watcher.history.records("resources"))
    evidence = gather(summary.spec, summary.progress, watcher.history, saved, keep_every_hours=hours)
    trains = summary.status.state.is_live and used is not None and used.is_of(time.time())
    advice = [item.text for item in advise(evidence) if trains or not item.passing]
    found = _document(watcher.run, summary, watcher.history.resumed_at())
    document = finite({**found, "resources": used.as_dict() if used else None, "advice": advice})
    emit(document, _report(document, _sentence(summary)), as_json=as_json)


def _sentence(summary: RunSummary) -> str:
    still = f", {summary.stall.sentence}" if summary.stall else ""
    return summary.status.sentence + still


def _document(run: RunFolder, summary: RunSummary, resumed: dict[int, int]) -> dict[str, Any]:
    from ravetui.engine.departures import departures

    spec = summary.spec
    return {
        **summary.as_dict(),
        "epoch_times": summary.progress.epoch_times.as_dict() if summary.progress.epoch_times else None,
        "path": str(run.path),
        "id": spec.id,
        "parent": dataclasses.asdict(spec.parent) if spec.parent else None,
        "lengths": dataclasses.asdict(spec.lengths),
        "changed": {
            name: list(pair)
            for name, pair in departures(spec.preset, spec.model, spec.loss, spec.training, spec.augment).items()
        },
        "transitions": [{"phase": item.phase, "step": item.step} for item in summary.progress.transitions],
        "checkpoints": [{**item.as_dict(), "pinned": item.pinned} for item in list_checkpoints(run)],
        "samples": [_samples(run, step) for step in sampled_steps(run)],
        "scores": scores_of(run),
        "ratings": [dataclasses.asdict(item) for item in read_ratings(run).current.values()],
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
    head += _epochs(found["epoch_times"])
    if found["pid"]:
        head += [
            ("pid", found["pid"]),
            ("validation", f"in {duration(found['validation_eta_s'])}"),
            ("phase ends", f"in {duration(found['phase_eta_s'])}{_range(found, 'phase_eta')}"),
            ("run ends", f"in {duration(found['eta_s'])}{_range(found, 'eta')}{_estimated(found)}"),
        ]
    if found["resources"]:
        head.append(("uses", _used(found["resources"])))
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
    ratings: list[tuple[object, ...]] = [
        (steps(item["step"]), item["clip"], item["stars"], moment(item["created"])) for item in found["ratings"]
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
        (SCORE_COLUMNS, score_rows(found["scores"])),
        (("rating of", "clip", "of 5", "when"), ratings),
        (("attempt", "from step", "started", "outcome", "reason"), attempts),
    ]


def _used(found: dict[str, Any]) -> str:
    """What the run took when its trainer looked last."""

    def size(name: str) -> str:
        value = found[f"{name}_bytes"]
        return "–" if value is None else bytes_(round(value))

    cores = f"{quantity(found['cpu_cores'])} of {quantity(found['cpu_total_cores'])} cores"
    memory = f"{size('memory')} of memory ({size('memory_free')} free)"
    disk = f"{size('run')} of disk ({size('disk_free')} free)"
    gpu = f"GPU {quantity(found['gpu_percent'])} % with {size('gpu_memory')} of {size('gpu_total')}, "
    return f"{gpu if found['gpu_total_bytes'] is not None else ''}{cores}, {memory}, {disk}"


def _range(found: dict[str, Any], what: str) -> str:
    """The 80 % interval of a time to come."""
    low, high = found[f"{what}_low_s"], found[f"{what}_high_s"]
    return f" ({duration(low)} to {duration(high)})" if low is not None and high > low else ""


def _epochs(times: dict[str, Any] | None) -> list[tuple[str, str]]:
    """How the times of the phase's epochs are distributed."""
    if times is None:
        return []
    slow = f"epoch {times['slowest_epoch']} took {duration(times['slowest_s'])}"
    cause = f" ({times['slowest_cause']})" if times["slowest_cause"] else ""
    usual = f"median {duration(times['median_s'])}, {duration(times['low_s'])} to {duration(times['high_s'])} in 80 %"
    return [("epochs", f"{usual} of {times['count']}; {slow}{cause}")]


def _origin(parent: dict[str, Any]) -> str:
    done = f", epoch {parent['epochs']:.1f}" if parent["epochs"] else ""
    return f"{parent['run']} at step {steps(parent['step'])}{done}"


def _estimated(found: dict[str, Any]) -> str:
    """Whose phase 2 the end was estimated from."""
    other = found["eta_estimated_from"]
    source = "by a few steps at the start" if other == MEASURED else f"as in {other}"
    return f" (estimated: phase 2 {source})" if other else ""


def _waiting(found: dict[str, Any]) -> str:
    """Which share of a step's time goes into waiting for data."""
    share = found["data_share"]
    return "" if share is None else f", {100 * share:.1f} % of a step waiting for data"
