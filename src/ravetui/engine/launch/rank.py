"""One rank of a run, as torchrun starts it: ``python -m ravetui.engine.launch.rank RUN``.

It does not outlive torchrun, which gives every rank a session of its own: killed itself, it would leave ranks that
train on with nobody to end them.
"""

import os
import sys
from pathlib import Path

from ravetui.engine.launch.parent import die_with_parent

AGENT_VARIABLE = "RAVETUI_AGENT"
"""The pid of the torchrun that starts the ranks."""
LOST_RANK = 69
"""Exit code of a rank that ends because another one is gone (EX_UNAVAILABLE of sysexits.h)."""


def main(path: Path) -> int:
    """Train as one rank; the exit code is the trainer's."""
    die_with_parent(int(os.environ[AGENT_VARIABLE]))
    # After the tie to the parent: importing torch takes seconds, in which torchrun can die.
    from ravetui.engine.train import main as train

    code = train(path)
    if code:
        # At once: the interpreter's end can hang in the remains of a broken process group.
        os._exit(code)
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
