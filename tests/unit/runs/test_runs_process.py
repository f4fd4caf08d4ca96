import dataclasses
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest

from ravetui.runs.process import ProcessIdentity, boot_id, children, identify, identify_child, send_signal
from tests.stand_in import PAUSE, python


@pytest.fixture
def process() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(python(PAUSE), stdout=subprocess.PIPE) as started:
        assert started.stdout is not None
        started.stdout.readline()
        yield started
        started.kill()


def test_the_identity_is_what_the_kernel_says() -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    with subprocess.Popen(python(PAUSE)) as started:
        after = time.clock_gettime(time.CLOCK_BOOTTIME)
        who = identify(started.pid)
        assert who is not None
        assert who.boot_id == boot_id() != ""
        # The kernel cuts the tick off.
        assert int(before * ticks) <= who.start_ticks <= int(after * ticks)
        started.kill()


def test_a_process_that_is_gone_has_none(process: "subprocess.Popen[bytes]") -> None:
    who = identify(process.pid)
    assert who is not None
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert identify(process.pid) is None, "a zombie runs no more"
    assert identify_child(process.pid) == who, "but until somebody waits for it, it can be named"
    assert not send_signal(who, signal.SIGTERM)
    process.wait()
    assert identify(process.pid) is None
    assert not send_signal(who, signal.SIGTERM)
    with pytest.raises(ProcessLookupError):
        identify_child(process.pid)


def test_a_signal_reaches_exactly_this_process(process: "subprocess.Popen[bytes]") -> None:
    who = identify(process.pid)
    assert who is not None
    assert not send_signal(dataclasses.replace(who, start_ticks=who.start_ticks + 1), signal.SIGKILL)
    assert not send_signal(dataclasses.replace(who, boot_id="before the reboot"), signal.SIGKILL)
    assert process.poll() is None
    assert send_signal(who, signal.SIGTERM)
    assert process.wait() == -signal.SIGTERM


@pytest.mark.parametrize("pid", [0, -1, 2**22 + 1])
def test_a_pid_that_cannot_be_is_nobody(pid: int) -> None:
    assert identify(pid) is None
    assert not send_signal(ProcessIdentity(pid, boot_id(), 1), signal.SIGTERM)


def test_a_thread_is_no_process_to_signal() -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    assert thread.native_id is not None
    who = identify(thread.native_id)
    assert who is not None, "/proc answers for threads, so pidfd_open must be what refuses"
    assert not send_signal(who, signal.SIGTERM)
    over.set()
    thread.join()


def test_children_are_found_whatever_they_call_themselves() -> None:
    # 15 bytes cut through the last ö, and a parenthesis: not UTF-8, and no simple split.
    code = "open('/proc/self/comm', 'wb').write(') Z 1 öööö ö'.encode()[:15]); print('ready', flush=True); input()"
    with subprocess.Popen(python(code), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert child.pid in children(os.getpid())
        who = identify(child.pid)
        assert who is not None
        assert send_signal(who, signal.SIGKILL)
        child.wait()
    assert child.pid not in children(os.getpid())
