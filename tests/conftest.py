"""What every test stands on: one thread a process, signals that can be heard, no deadline on a shared machine, no
terminal of the developer's."""

import os
import signal

import hypothesis

# Two test workers share two cores; a trainer that a test starts inherits it.
os.environ["OMP_NUM_THREADS"] = "1"
for variable in ("NO_COLOR", "COLORTERM", "PULSE_SERVER", "SSH_CONNECTION"):
    os.environ.pop(variable, None)

# Tests in the background of a shell, or under nohup, ignore these, and so would every process that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")
