"""Tell whether a kernel can be forked, so that the fork goes on as the kernel itself would.

A fork has the memory of a kernel, and the one thread that forks. What else a cell may have set
going is looked for here: threads, programs, timers, shared memory, widgets, tasks.
"""

import asyncio
import os
import selectors
import signal
import sys
import threading
from contextlib import suppress

_TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
_OF_ZMQ = "ZMQbg/"
_OURS = ("_async_in_context.<locals>.run_in_context", "Kernel.shell_main")
"""The tasks in which a kernel answers a message."""

_RESTING = {
    ("selectors", "select"),
    ("zmq.sugar", "device"),
    ("ipykernel.parentpoller", "run"),
    ("_bookproof.streams", "_watch"),
    ("zmq.utils.garbage", "run"),
}
"""Where a thread of a kernel waits, and holds nothing that a fork would miss."""


class Safety:
    """What a kernel is before its first cell."""

    def __init__(self, kernel):
        self._kernel = kernel
        self._app = kernel.parent
        self._shared = _shared()

    def why_not(self):
        """Return why the kernel cannot be forked, empty where it can."""
        for look in (
            self._loop,
            self._threads,
            self._programs,
            self._timers,
            self._signals,
            self._memory,
            self._widgets,
        ):
            if why := look():
                return why
        return ""

    def is_calm(self):
        """Tell whether nothing is under way that would be lost, or done twice, in a fork."""
        if asyncio.get_running_loop()._ready:
            return False
        frames = sys._current_frames()
        others = (t for t in threading.enumerate() if t is not threading.main_thread())
        return all(_rests(frames.get(thread.ident)) for thread in others)

    def _loop(self):
        loop = asyncio.get_running_loop()
        plain = type(loop) is asyncio.SelectorEventLoop and not hasattr(loop, "_nest_patched")
        if not plain or type(loop._selector) is not selectors.EpollSelector:
            return "the event loop is another one"
        if self._kernel.eventloop is not None or self._kernel._aborting:
            return "a loop of a user interface runs"
        tasks = {getattr(t.get_coro(), "__qualname__", "") for t in asyncio.all_tasks(loop)}
        timers = [timer for timer in loop._scheduled if not timer.cancelled()]
        # What is read: the loop's own pipe, and the messages to the kernel.
        if not tasks.issubset(_OURS) or timers or len(loop._selector.get_map()) != 2:
            return "a task waits in the event loop"
        return ""

    def _threads(self):
        app, collector = self._app, collecting_thread()
        known = [
            threading.main_thread(),
            app.poller,
            app.heartbeat,
            app.control_thread,
            app.shell_channel_thread,
            app.iopub_thread.thread,
            *(
                getattr(s, "watch_fd_thread", None)
                for s in (self._kernel._stdout, self._kernel._stderr)
            ),
            collector,
        ]
        known = {thread for thread in known if thread is not None}
        contexts = 2 + (collector is not None)
        names = []
        for task in os.listdir("/proc/self/task"):
            with suppress(OSError), open(f"/proc/self/task/{task}/comm") as file:
                names.append(file.read())
        of_zmq = sum(name.startswith(_OF_ZMQ) for name in names)
        if set(threading.enumerate()) != known:
            return "a thread runs"
        if of_zmq != 2 * contexts or len(names) - of_zmq != len(known):
            return "a library's thread runs"
        return ""

    @staticmethod
    def _programs():
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return ""
        return "a program runs"

    @staticmethod
    def _timers():
        running = any(signal.getitimer(timer) != (0.0, 0.0) for timer in _TIMERS)
        return "a timer runs" if running else ""

    @staticmethod
    def _signals():
        handled = signal.getsignal(signal.SIGCHLD) != signal.SIG_DFL
        return "it waits for the ends of programs" if handled else ""

    def _memory(self):
        new = _shared() - self._shared
        return f"memory is shared: {min(new)}" if new else ""

    def _widgets(self):
        return "a widget is open" if self._kernel.comm_manager.comms else ""


def _rests(frame):
    if frame is None:
        return False
    return (frame.f_globals.get("__name__"), frame.f_code.co_name) in _RESTING


def collecting_thread():
    """Return what collects large messages that zmq has sent, None where there were none."""
    module = sys.modules.get("zmq.utils.garbage")
    return module.gc.thread if module else None


def _shared():
    """Return the places of memory that is written and shared with other processes."""
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
        parts = (line.split(maxsplit=5) for line in file)
        return {
            " ".join((p[0], *p[5:])).strip() for p in parts if p[1][1] == "w" and p[1][3] == "s"
        }
