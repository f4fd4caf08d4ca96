import json
import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ravetui.engine.data.index import read_index
from ravetui.engine.launch.start import launch
from ravetui.runs import control
from ravetui.runs.asker import asker, asker_words
from ravetui.runs.spec import read_spec
from ravetui.runs.workspace import Workspace
from tests.calling import Ravetui, ravetui
from tests.run_maker import STEP_SECONDS, STEPS_PER_EPOCH, MadeRun, workspace_in
from tests.stand_in import PAUSE, end_run, ended, python

__all__ = ["ravetui"]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_in(tmp_path / "ws")


@pytest.fixture
def made(workspace: Workspace) -> Iterator[MadeRun]:
    run = MadeRun(workspace, "graz")
    yield run
    run.release()


def strict(text: str) -> Any:
    """One JSON document without NaN."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    assert text.count("\n") == 1
    return json.loads(text, parse_constant=refuse)


# plan and new


def test_a_plan_says_what_a_run_takes_here(ravetui: Ravetui, workspace: Workspace, made: MadeRun) -> None:
    expected = strict(ravetui("plan", "--data", "graz", "--preset", "tiny", "--json")[1])["expected"]
    assert (expected["source"], expected["phase_1_s"], expected["total_s"]) == (None, None, None)
    assert expected["memory_2_bytes"] > expected["memory_1_bytes"] > 1e8
    assert (expected["memory_source"], expected["warnings"]) == ("estimated", [])
    made.begin().train(60)
    made.go_adversarial()
    made.train(60)
    code, out, _ = ravetui("plan", "--data", "graz", "--preset", "tiny", "--json")
    expected = strict(out)["expected"]
    assert (code, expected["source"]) == (0, "as in graz")
    assert expected["step_1_s"] == pytest.approx(STEP_SECONDS, rel=0.02)
    assert expected["phase_1_s"] == pytest.approx(600 * STEP_SECONDS, rel=0.05)
    assert expected["total_s"] == pytest.approx(900 * STEP_SECONDS, rel=0.05)
    out = ravetui("plan", "--data", "graz", "--preset", "tiny")[1]
    assert "time        phase 1 4 min" in out
    assert "as in graz" in out
    assert "checkpoints of 4." in out
    out = ravetui("plan", "--data", "graz", "--preset", "v2", "--set", "batch_size=100")[1]
    assert "use a smaller batch_size" in out


def test_the_times_of_epochs_are_a_series_and_a_distribution(ravetui: Ravetui, made: MadeRun) -> None:
    made.begin(live=True).train(STEPS_PER_EPOCH * 3)
    found = strict(ravetui("series", "graz", "epoch_seconds", "--json")[1])
    assert found["step"] == [STEPS_PER_EPOCH, 2 * STEPS_PER_EPOCH, 3 * STEPS_PER_EPOCH]
    assert found["value"] == pytest.approx([STEP_SECONDS * STEPS_PER_EPOCH] * 3, rel=0.01)
    for number, seconds in ((4, 20.0), (5, 90.0)):
        row = (seconds, 0.0 if number == 4 else 70.0, 0.0, 0.0, 0.5)
        made._writers["epochs"].append(number * STEPS_PER_EPOCH, 1e9, row)
    times = strict(ravetui("run", "show", "graz", "--json")[1])["epoch_times"]
    assert (times["count"], times["slowest_s"], times["slowest_epoch"]) == (2, 90.0, 5)
    assert "epochs       median 55 s" in ravetui("run", "show", "graz")[1]


def test_a_plan_makes_nothing_and_says_the_numbers(ravetui: Ravetui, workspace: Workspace) -> None:
    code, out, _ = ravetui("plan", "--data", "graz", "--preset", "tiny", "--set", "phase_1=97 epochs", "--json")
    plan = strict(out)
    assert (code, plan["preset"], plan["batch_size"]) == (0, "tiny", 4)
    heard = 97 * plan["steps_per_epoch"] * 4 * plan["crop_s"] / 3600
    told = {
        "steps": 97 * plan["steps_per_epoch"],
        "epochs": 97.0,
        "audio_h": pytest.approx(heard),
        "typed": "97 epochs",
    }
    assert plan["phase_1"] == told
    code, out, _ = ravetui("plan", "--data", "graz", "--preset", "tiny", "--set", "phase_1=97 epochs")
    assert (code, "97.0 epochs" in out, "stop after" in out) == (0, True, False)
    assert "batch size  a fork with another one keeps phase 1 at 97 epochs" in out
    words = ["--set", "stop_after=6 h", "--set", "patience=40 validations"]
    out = ravetui("plan", "--data", "graz", "--preset", "tiny", *words)[1]
    assert "stop after  6 h: it then saves and stops" in out
    assert "patience    40 validations: it then saves and stops" in out
    out = ravetui("plan", "--data", "graz", "--preset", "tiny", *words, "--json")[1]
    assert (strict(out)["stop_after"], strict(out)["patience"]) == ("6 h", "40 validations")
    out = ravetui("plan", "--data", "graz", "--preset", "tiny", "--set", "ranks=2")[1]
    assert "in batches of 4 on each of 2 ranks" in out
    assert workspace.run_folders() == []


def test_a_new_run_has_the_spec_that_was_planned(ravetui: Ravetui, workspace: Workspace) -> None:
    words = ["--data", "graz", "--preset", "tiny", "--set", "batch_size=2", "--set", "ratios=4,4,2,2"]
    code, out, _ = ravetui("run", "new", "graz-002", *words, "--json")
    path = workspace.runs / "graz-002"
    assert (code, strict(out)) == (0, {"run": "graz-002", "path": str(path), "attempt": None, "warnings": []})
    spec = read_spec(path / "spec.toml")
    assert (spec.training.batch_size, spec.model.ratios) == (2, (4, 4, 2, 2))
    plan = strict(ravetui("plan", *words, "--json")[1])
    assert spec.data.steps_per_epoch == plan["steps_per_epoch"]


def test_what_a_run_will_lack_is_said_with_its_numbers_and_it_is_made(ravetui: Ravetui, workspace: Workspace) -> None:
    words = ["--data", "graz", "--preset", "tiny", "--set", "validation_crops=2", "--set", "latent_size=64"]
    (sentence,) = strict(ravetui("plan", *words, "--json")[1])["warnings"]
    assert "2 crops of 16 latent frames, 32 of the 64" in sentence
    assert sentence in ravetui("plan", *words)[1]
    code, out, _ = ravetui("run", "new", "graz-002", *words)
    assert (code, f"Warning: {sentence}" in out) == (0, True)
    assert strict(ravetui("run", "new", "graz-003", *words, "--json")[1])["warnings"] == [sentence]


def test_a_name_that_is_taken_changes_nothing(ravetui: Ravetui, made: MadeRun) -> None:
    before = made.folder.spec_path.read_bytes()
    code, out, err = ravetui("run", "new", "graz", "--data", "graz", "--json")
    assert (code, strict(out)["message"]) == (1, "There is a run 'graz' already.")
    assert "Choose another name" in err
    assert made.folder.spec_path.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--set", "batch_size"], 2, "is not KEY=VALUE"),
        (["--set", "=3"], 2, "is not KEY=VALUE"),
        (["--set", "bach_size=3"], 1, "bach_size"),
        (["--set", "batch_size=many"], 1, "many"),
        (["--preset", "v9"], 1, "v9"),
    ],
)
def test_a_wrong_setting_makes_no_run(
    ravetui: Ravetui, workspace: Workspace, words: list[str], code: int, says: str
) -> None:
    found, out, err = ravetui("run", "new", "x", "--data", "graz", *words)
    assert (found, out) == (code, "")
    assert says in err
    assert list(workspace.runs.iterdir()) == []


def test_data_is_required_and_must_be_there(ravetui: Ravetui) -> None:
    assert ravetui("run", "new", "x")[0] == 2
    assert ravetui("run", "new", "x", "--data", "nope")[0] == 1


def test_started_at_once(ravetui: Ravetui, workspace: Workspace) -> None:
    code, out, _ = ravetui("run", "new", "quick", "--data", "graz", "--preset", "tiny", "--start", "--json")
    run = workspace.run("quick")
    try:
        assert (code, strict(out)["attempt"]) == (0, 1)
        code, _, err = ravetui("run", "start", "quick")
        assert (code, "quick is training already (attempt 1" in err) == (1, True)
    finally:
        end_run(run)


# fork


def test_a_fork_is_told_with_what_differs(ravetui: Ravetui, workspace: Workspace) -> None:
    parent = forkable(workspace)
    words = ["run", "fork", "graz", "warm", "--from", "20", "--set", "beta=0.2", "--set", "phase_1=10"]
    code, out, _ = ravetui(*words, "--json")
    path = str(workspace.runs / "warm")
    changed = {"beta": [0.1, 0.2], "phase_1_steps": [1000, 20], "total_steps": [2000, 1020]}
    document = {
        "run": "warm",
        "path": path,
        "parent": "graz",
        "step": 20,
        "changed": changed,
        "attempt": None,
        "warnings": [],
    }
    told = strict(out)
    assert {name: length["steps"] for name, length in told.pop("boundaries").items()} == {
        "phase_1": 20,
        "total": 1020,
        "validation": 100,
    }
    assert (code, told) == (0, document)
    found = strict(ravetui("run", "show", "warm", "--json")[1])
    epochs = {
        "epochs": pytest.approx(20 / parent.spec.data.steps_per_epoch),
        "audio_s": pytest.approx(20 * 4 * 16384 / 44100),
    }
    assert found["parent"] == {"run": "graz", "id": parent.spec.id, "step": 20, **epochs}
    assert found["lengths"] == {"phase_1": "10", "total": "", "validate_every": ""}
    assert (found["step"], found["state"], [item["step"] for item in found["checkpoints"]]) == (20, "stopped", [20])
    assert "forked from  graz at step 20" in ravetui("run", "show", "warm")[1]
    text = ravetui("run", "fork", "graz", "newest", "--set", "beta=0.2")[1]
    for part in ("weights of graz at step 30", "beta: 0.2 instead of 0.1", "Next: ravetui run start newest"):
        assert part in text


def test_a_fork_with_other_batches_says_what_its_boundaries_become(ravetui: Ravetui, workspace: Workspace) -> None:
    forkable(workspace)
    lengths = ["--set", "phase_1=10 epochs", "--set", "total=20 epochs"]
    ravetui("run", "fork", "graz", "typed", "--from", "20", *lengths)
    assert "lengths      phase 1 10 epochs, total 20 epochs" in ravetui("run", "show", "typed")[1]
    old = read_spec(workspace.run("typed").spec_path)
    out = ravetui("run", "fork", "typed", "twice", "--set", "batch_size=8")[1]
    new = read_spec(workspace.run("twice").spec_path)
    assert new.training.phase_1_steps < old.training.phase_1_steps
    then, now = (f"{spec.training.phase_1_steps:,}".replace(",", " ") for spec in (old, new))
    assert f"  phase 1 ends after step {now} instead of {then} (10 epochs)" in out
    assert "phase_1_steps" not in out


def test_what_a_fork_cannot_carry_over_is_listed(ravetui: Ravetui, workspace: Workspace) -> None:
    forkable(workspace)
    words = ["run", "fork", "graz", "wide", "--from", "20", "--set", "capacity=96", "--set", "latent_size=8", "--start"]
    code, out, err = ravetui(*words)
    assert (code, out) == (1, "")
    assert "capacity = 96, but its weights have 16; latent_size = 8, but its weights have 16" in err
    assert not (workspace.runs / "wide").exists()


def forkable(workspace: Workspace) -> MadeRun:
    """A run on the workspace's dataset with checkpoints at the steps 20 and 30."""
    made = MadeRun(workspace, "graz", fingerprint=read_index(workspace.data / "graz").fingerprint).begin()
    made.train(20).save()
    made.train(10).save()
    made.end("stopped", "asked")
    return made


# pin


def test_a_pin_is_shown_and_taken_back(ravetui: Ravetui, made: MadeRun) -> None:
    made.begin().train(10).save()
    code, out, _ = ravetui("run", "pin", "graz", "10", "--json")
    assert (code, strict(out)["pinned"], strict(out)["step"]) == (0, True, 10)
    assert strict(ravetui("run", "show", "graz", "--json")[1])["checkpoints"][0]["pinned"] is True
    assert "pinned" in ravetui("run", "show", "graz")[1]
    code, out, _ = ravetui("run", "pin", "graz", "latest", "--undo")
    assert (code, out.strip()) == (0, "Step 10 of graz is kept no longer than others.")
    assert strict(ravetui("run", "show", "graz", "--json")[1])["checkpoints"][0]["pinned"] is False
    assert ravetui("run", "pin", "graz", "10", "--undo")[0] == 1


# list and show


def test_the_list_says_where_every_run_is(ravetui: Ravetui, workspace: Workspace, made: MadeRun) -> None:
    made.begin(live=True).train(100)
    old = MadeRun(workspace, "older").begin().train(10)
    old.end("failed", "CUDA out of memory")
    code, out, _ = ravetui("run", "list", "--json")
    first, second = strict(out)
    keys = ["run", "state", "reason", "phase", "step", "total_steps", "epoch", "steps_per_epoch"]
    assert code == 0
    assert {*keys, "eta_s", "phase_eta_s"} <= set(first)
    assert [first[key] for key in keys] == ["graz", "running", "training", 1, 100, 2000, 2.0, STEPS_PER_EPOCH]
    assert (second["run"], second["state"], second["reason"]) == ("older", "failed", "CUDA out of memory")
    text = ravetui("run", "list")[1]
    assert "CUDA out of memory" in text
    assert len(text.splitlines()) == 3


def test_a_damaged_run_hides_no_other(ravetui: Ravetui, workspace: Workspace, made: MadeRun) -> None:
    (workspace.runs / "bad").mkdir()
    (workspace.runs / "bad" / "spec.toml").write_text("format = ")
    code, out, err = ravetui("run", "list", "--json")
    assert (code, [row["run"] for row in strict(out)]) == (0, ["graz"])
    assert "bad is left out" in err


def test_an_empty_list_says_what_to_do(ravetui: Ravetui) -> None:
    assert strict(ravetui("run", "list", "--json")[1]) == []
    assert "ravetui run new" in ravetui("run", "list")[1]


def test_show_has_everything(ravetui: Ravetui, made: MadeRun) -> None:
    made.begin().train(100)
    best = made.validate()
    made.go_adversarial()
    made.train(20)
    made.save(float("nan"))
    made.score(100)
    made.end("stopped", "stopped at step 120, saved")
    code, out, _ = ravetui("run", "show", "graz", "--json")
    found = strict(out)
    assert (code, found["run"], found["path"], found["pid"]) == (0, "graz", str(made.folder.path), None)
    assert found["transitions"] == [{"phase": 2, "step": 100}]
    assert found["data_share"] == pytest.approx(0.002 / 0.402)
    newest, first = found["checkpoints"]
    assert (newest["step"], newest["phase"], newest["validation"]) == (120, 2, None)
    assert (first["step"], first["phase"], first["validation"]) == (100, 1, pytest.approx(best))
    assert Path(first["path"]).joinpath("manifest.json").is_file()
    assert [clip["name"] for clip in found["samples"][0]["clips"]] == ["nocturne", "étude", "scale"]
    assert Path(found["samples"][0]["clips"][0]["reconstruction"]).is_file()
    assert found["scores"][0]["metrics"]["fad"]["value"] == 0.21
    (attempt,) = found["attempts"]
    assert (attempt["attempt"], attempt["from_step"], attempt["outcome"]) == (1, 0, "stopped")
    text = ravetui("run", "show", "graz")[1]
    for part in (
        "stopped at step 120, saved",
        "0.5 % of a step waiting for data",
        "to 2 at step 100",
        "nocturne",
        "0.21",
    ):
        assert part in text


def test_show_says_what_a_run_uses(ravetui: Ravetui, made: MadeRun) -> None:
    made.begin(live=True).train(30)
    assert strict(ravetui("run", "show", "graz", "--json")[1])["resources"] is None
    made.use(ago=20, cpu_cores=9.0)
    made.use(
        cpu_cores=1.25, cpu_total_cores=16, memory_bytes=3e9, memory_free_bytes=50e9, run_bytes=2e6, disk_free_bytes=1e9
    )
    found = strict(ravetui("run", "show", "graz", "--json")[1])["resources"]
    assert (found["step"], found["cpu_cores"], found["gpu_percent"]) == (30, 1.25, None)
    text = ravetui("run", "show", "graz")[1]
    assert "1.25 of 16 cores, 3.0 GB of memory (50 GB free), 2.0 MB of disk (1.0 GB free)" in text
    assert "GPU" not in text
    made.use(gpu_percent=97, gpu_memory_bytes=12e9, gpu_total_bytes=25.8e9)
    assert "GPU 97 % with 12 GB of 26 GB, " in ravetui("run", "show", "graz")[1]
    assert strict(ravetui("series", "graz", "cpu_cores", "--json")[1]) == {
        "tag": "cpu_cores",
        "step": [30, 30],
        "value": [9.0, 1.25],
    }


def test_a_shortage_is_told_while_the_run_trains(ravetui: Ravetui, made: MadeRun) -> None:
    made.begin(live=True).train(300)
    made.save()
    made.use(disk_free_bytes=3.0, memory_free_bytes=1e9)
    assert "3 B free on the disk, and checkpoints of 7 B to come" in ravetui("run", "show", "graz")[1]
    made.end("stopped", "asked")
    assert "free on the disk, and" not in ravetui("run", "show", "graz")[1]


def test_show_of_a_live_run_has_its_pid(ravetui: Ravetui, made: MadeRun) -> None:
    made.begin(live=True).train(10)
    assert strict(ravetui("run", "show", "graz", "--json")[1])["pid"] == os.getpid()
    assert f"pid          {os.getpid()}" in ravetui("run", "show", "graz")[1]


def test_a_run_that_is_not_there_is_named_with_those_that_are(ravetui: Ravetui, made: MadeRun) -> None:
    for word in ("show", "start", "stop", "phase", "wait", "log", "note", "fork"):
        more = ["new"] if word == "fork" else []
        code, out, err = ravetui("run", word, "nope", *more, "--json")
        assert (code, strict(out)["error"]) == (1, "No such run")
        assert "Runs here: graz." in err


# series


def test_a_series_is_the_numbers_behind_a_curve(ravetui: Ravetui, made: MadeRun) -> None:
    made.begin().train(3)
    made._writers["validation"].append(3, 1.0, (float("nan"), 2.0, 1.0))
    made._writers["validation"].append(4, 2.0, (3.5, float("inf"), 1.0))
    code, out, _ = ravetui("series", "graz", "validation", "--json")
    assert (code, strict(out)) == (0, {"tag": "validation", "step": [3, 4], "value": [None, 3.5]})
    assert strict(ravetui("series", "graz", "loss", "--json")[1])["step"] == [1, 2, 3]
    assert ravetui("series", "graz", "validation")[1].split() == ["step", "validation", "3", "–", "4", "3.5"]


def test_an_unknown_tag_is_answered_with_those_there_are(ravetui: Ravetui, made: MadeRun) -> None:
    code, out, err = ravetui("series", "graz", "los")
    assert (code, out) == (1, "")
    assert "fullband_spectral_distance" in err


# stop, phase and wait


def test_stop_leaves_a_request(ravetui: Ravetui, made: MadeRun) -> None:
    code, _, err = ravetui("run", "stop", "graz")
    assert (code, "graz is not running" in err) == (1, True)
    made.begin(live=True).train(3)
    code, out, _ = ravetui("run", "stop", "graz", "--json")
    assert (code, strict(out)["state"]) == (0, "stopping")
    assert control.pending(made.folder) == {"stop"}


def test_stop_now_and_wait(ravetui: Ravetui, made: MadeRun) -> None:
    launch(made.folder, python(PAUSE))
    assert ravetui("run", "stop", "graz", "--now")[0] == 0
    code, out, _ = ravetui("run", "wait", "graz", "--json")
    reason = f"stopped at once by {asker_words(asker('command line'))}, without saving; there is no checkpoint"
    assert (code, strict(out)) == (0, [{"run": "graz", "state": "stopped", "reason": reason}])


def test_waiting_for_a_run_that_failed_fails(ravetui: Ravetui, workspace: Workspace, made: MadeRun) -> None:
    other = MadeRun(workspace, "other")
    launch(made.folder, python("raise ValueError('broken')"))
    code, out, err = ravetui("run", "wait", "graz", "other", "--json")
    assert (code, [row["state"] for row in strict(out)]) == (1, ["failed", "stopped"])
    assert "graz did not end well" in err
    assert ravetui("run", "wait", "graz")[1] == "graz: failed: ValueError: broken\n"
    assert ravetui("run", "wait", "other")[0] == 0
    assert other.attempt == 0


def test_waiting_gives_up(ravetui: Ravetui, made: MadeRun) -> None:
    made.begin(live=True)
    code, out, err = ravetui("run", "wait", "graz", "--timeout", "0", "--json")
    assert (code, strict(out)["error"]) == (1, "Still waiting")
    assert "graz is running" in err


def test_phase_is_asked_for_and_taken_back(ravetui: Ravetui, made: MadeRun) -> None:
    made.begin(live=True).train(5)
    assert strict(ravetui("run", "phase", "graz", "--json")[1])["requested"] is True
    assert control.pending(made.folder) == {"phase"}
    assert strict(ravetui("run", "phase", "graz", "--undo", "--json")[1])["requested"] is False
    assert control.pending(made.folder) == frozenset()
    assert ravetui("run", "phase", "graz", "--undo")[0] == 1


# log and note


def test_the_log_ends_with_the_newest_lines(ravetui: Ravetui, made: MadeRun) -> None:
    code, _, err = ravetui("run", "log", "graz")
    assert (code, "never been started" in err) == (1, True)
    launch(made.folder, python("print('\\n'.join(f'line {n}' for n in range(200))); print('fin', end='')"))
    ended(made.folder)
    assert ravetui("run", "log", "graz", "-n", "3")[1] == "line 198\nline 199\nfin\n"
    found = strict(ravetui("run", "log", "graz", "-n", "2", "--json")[1])
    assert (found["attempt"], found["lines"]) == (1, ["line 199", "fin"])
    assert len(ravetui("run", "log", "graz")[1].splitlines()) == 50
    assert ravetui("run", "log", "graz", "-n", "0", "-f")[1] == ""
    assert ravetui("run", "log", "graz", "-f", "--json")[0] == 2


def test_the_log_is_followed_to_the_end_of_the_run(workspace: Workspace, made: MadeRun) -> None:
    launch(made.folder, python(f"print('first', flush=True)\n{PAUSE}"))
    words = ["run", "log", "graz", "-f", "-w", workspace.root]
    command = python("from ravetui.cli import main; main()", *words)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as follower:
        assert follower.stdout is not None
        assert follower.stdout.readline() == "first\n"
        assert follower.stdout.readline() == "ready\n"
        end_run(made.folder)
        assert follower.stdout.read() == ""
    assert follower.returncode == 0


def test_notes_are_appended_and_printed(ravetui: Ravetui, made: MadeRun) -> None:
    assert ravetui("run", "note", "graz")[1] == "graz has no notes yet.\n"
    made.folder.notes.write_text("loss flattening — good sign?")
    assert ravetui("run", "note", "graz", "maybe go adversarial")[0] == 0
    assert made.folder.notes.read_text() == "loss flattening — good sign?\nmaybe go adversarial\n"
    found = strict(ravetui("run", "note", "graz", "83 h", "--json")[1])
    assert found["notes"].splitlines()[1:] == ["maybe go adversarial", "83 h"]
    assert ravetui("run", "note", "graz")[1] == found["notes"]


def test_an_editor_needs_a_terminal(
    ravetui: Ravetui, workspace: Workspace, made: MadeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.folder.notes.write_text("old\n")
    command = python("from ravetui.cli import main; main()", "run", "note", "graz", "--edit")
    environment = {**os.environ, "VISUAL": "", "EDITOR": "sed -i s/old/new/"}
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "needs a terminal" in done.stderr) == (1, True)
    assert made.folder.notes.read_text() == "old\n"
    master, slave = pty.openpty()
    subprocess.run(command, env=environment, stdin=slave, stdout=slave, stderr=slave, check=True)
    os.close(slave)
    os.close(master)
    assert made.folder.notes.read_text() == "new\n"
