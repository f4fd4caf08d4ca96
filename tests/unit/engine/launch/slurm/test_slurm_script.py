"""What sbatch is told."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from ravetui.config import Config, EngineSettings, SlurmSettings
from ravetui.engine.launch.slurm.script import batch_script, sbatch_command
from ravetui.errors import ConfigError
from ravetui.runs.folder import RunFolder
from ravetui.runs.slurm.submission import Submission


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "my 100% rüns" / "graz")


SUBMISSION = Submission(3, "abc", "graz.abc", "c", "0", "here", 1, "", 1, time.time(), 0)


def test_nothing_is_passed_that_is_not_set(run: RunFolder) -> None:
    command = sbatch_command(Config(slurm=SlurmSettings(gpus="")), run, SUBMISSION, 1)
    assert command == [
        "sbatch",
        "--nodes=1",
        "--ntasks=1",
        "--signal=B:USR1@180",
        "--requeue",
        "--job-name=graz.abc",
        f"--output={run.path.parent.parent}/my 100%% rüns/graz/slurm/0003.log",
        "--open-mode=append",
        "--parsable",
    ]


def test_every_setting_becomes_an_option_and_the_persons_own_come_before_ours(run: RunFolder) -> None:
    settings = SlurmSettings(
        partition="gpu",
        account="me",
        qos="long",
        constraint="a100",
        time="1-0",
        gpus="a100:2",
        cpus=8,
        memory="32G",
        options="--exclude='n1 n2' --requeue",
        requeue=False,
        signal_seconds=60,
    )
    command = sbatch_command(Config(slurm=settings), run, SUBMISSION, 4)
    wishes = ["partition=gpu", "account=me", "qos=long", "constraint=a100", "time=1-0", "gpus=a100:2"]
    wishes += ["cpus-per-task=8", "mem=32G", "signal=B:USR1@60", "exclude=n1 n2", "requeue", "no-requeue"]
    assert command[3:15] == [f"--{wish}" for wish in wishes]


def test_as_many_gpus_as_ranks_unless_it_is_to_compute_on_the_cpu(run: RunFolder) -> None:
    assert "--gpus=4" in sbatch_command(Config(), run, SUBMISSION, 4)
    on_cpu = sbatch_command(Config(engine=EngineSettings(device="cpu")), run, SUBMISSION, 4)
    assert not [word for word in on_cpu if word.startswith("--gpus")]


def test_a_quotation_that_is_not_closed_is_named(run: RunFolder) -> None:
    with pytest.raises(ConfigError, match="quotation"):
        sbatch_command(Config(slurm=SlurmSettings(options="--exclude='n1")), run, SUBMISSION, 1)


def test_the_script_is_bash_that_becomes_the_supervisor(run: RunFolder) -> None:
    script = batch_script(SlurmSettings(setup="echo ready"), run, SUBMISSION)
    assert script.startswith("#!/bin/bash\necho ready\nexec ")
    shown = script.replace("exec ", "printf '%s\\n' ", 1)
    done = subprocess.run(["bash", "-c", shown], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert done.stdout.splitlines()[-3:] == ["ravetui.engine.launch.slurm.job", str(run.path), "abc"]
