"""What every test stands on: one thread a process, no deadline on a shared machine, nothing of the developer's own."""

import atexit
import os
import shutil
import tempfile

import hypothesis

# Two test workers share two cores; a trainer that a test starts inherits it.
os.environ["OMP_NUM_THREADS"] = "1"
for variable in ("NO_COLOR", "COLORTERM", "PULSE_SERVER", "SSH_CONNECTION"):
    os.environ.pop(variable, None)
# CLAP's weights and cached embeddings of whoever runs the tests are neither read nor written.
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="ravetui-tests-")
atexit.register(shutil.rmtree, os.environ["XDG_CACHE_HOME"], ignore_errors=True)

hypothesis.settings.register_profile("shared", deadline=None)
hypothesis.settings.load_profile("shared")
