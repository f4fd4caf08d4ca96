"""What every test stands on: one thread a process, no deadline on a shared machine, no terminal of the developer's."""

import os

import hypothesis

# Two test workers share two cores; a trainer that a test starts inherits it.
os.environ["OMP_NUM_THREADS"] = "1"
for variable in ("NO_COLOR", "COLORTERM", "PULSE_SERVER", "SSH_CONNECTION"):
    os.environ.pop(variable, None)

hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")
