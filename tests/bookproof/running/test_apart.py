"""Work in a process of its own tells, returns and fails like work done here."""

import os
import signal
import time

import pytest

from bookproof.running.apart import Apart


def test_what_is_told_is_heard_in_order_and_then_the_result():
    def work(tell):
        tell("one")
        tell({"two": 2})
        return os.getpid()

    apart, told = Apart(work), []
    while not apart.ended:
        told += apart.hear()
    assert told == ["one", {"two": 2}]
    assert apart.result != os.getpid()
    assert apart.hear() == []


@pytest.mark.parametrize("error", [ValueError("bad"), type("Local", (Exception,), {})("odd")])
def test_what_it_raises_is_raised_here_whenever_one_asks(error):
    def work(tell):
        raise error

    apart = Apart(work)
    for _ in range(2):
        with pytest.raises((ValueError, RuntimeError), match=str(error)):
            apart.hear()


def test_a_lost_process_is_told():
    apart = Apart(lambda tell: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(RuntimeError, match="its process has ended with -9"):
        apart.hear()


def test_it_ends_when_it_is_stopped():
    apart = Apart(lambda tell: time.sleep(60))
    assert apart.hear(wait=False) == []
    started = time.monotonic()
    apart.stop()
    assert time.monotonic() < started + 30
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
