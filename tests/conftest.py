"""What every test stands on: one thread a process, no deadline on a shared machine, no terminal of the developer's."""

import os
import tempfile

import hypothesis

# Two test workers share two cores; a trainer that a test starts inherits it.
os.environ["OMP_NUM_THREADS"] = "1"
for variable in ("NO_COLOR", "COLORTERM", "PULSE_SERVER", "SSH_CONNECTION"):
    os.environ.pop(variable, None)

# What programs leave behind for one another must not be the developer's.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="ravetui-state")

hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")
