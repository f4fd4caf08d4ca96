"""A program named ``nvidia-smi`` that prints what the real one documents, for a machine without a GPU."""

import os
from pathlib import Path

import pytest

PROGRAM = """#!/bin/sh
case "$1" in
--query-gpu=index,uuid,name,memory.used,memory.total) cat "{folder}/gpus" ;;
--query-gpu=uuid,utilization.gpu,memory.used,memory.total) cat "{folder}/use" ;;
--query-compute-apps=gpu_uuid,pid,process_name,used_memory) cat "{folder}/apps" ;;
*) echo "Field \\"$1\\" is not a valid field to query." >&2; exit 2 ;;
esac
"""


class NvidiaSmi:
    """The program and what it says."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        program = folder / "nvidia-smi"
        program.write_text(PROGRAM.format(folder=folder))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        self.say()

    def say(self, *used: int, apps: str = "", percent: str = "97") -> None:
        """So many GPUs of 24 GiB, with so much memory in use on each, MiB, and so busy."""
        lines = [
            f"{number}, {uuid(number)}, NVIDIA GeForce RTX 4090, {mib}, 24564\n" for number, mib in enumerate(used)
        ]
        (self._folder / "gpus").write_text("".join(lines))
        (self._folder / "apps").write_text(apps)
        use = [f"{uuid(number)}, {percent}, {mib}, 24564\n" for number, mib in enumerate(used)]
        (self._folder / "use").write_text("".join(use))


def uuid(number: int) -> str:
    """UUID of a GPU."""
    return f"GPU-{number}4f11b4e-0000-4b5c-9f3e-0123456789ab"
