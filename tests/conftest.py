"""What every test stands on: one thread a process, signals that can be heard, no deadline on a shared machine, and
nothing of the developer's own."""

import atexit
import os
import shutil
import signal
import tempfile

import hypothesis

# Two test workers share two cores; a trainer that a test starts inherits it.
os.environ["OMP_NUM_THREADS"] = "1"
for variable in ("NO_COLOR", "COLORTERM", "PULSE_SERVER", "SSH_CONNECTION"):
    os.environ.pop(variable, None)
# CLAP's weights and cached embeddings of whoever runs the tests are neither read nor written.
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="ravetui-tests-")
atexit.register(shutil.rmtree, os.environ["XDG_CACHE_HOME"], ignore_errors=True)

# Tests in the background of a shell, or under nohup, ignore these, and so would every process that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# What programs leave behind for one another must not be the developer's.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="ravetui-state")
atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)

hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")
