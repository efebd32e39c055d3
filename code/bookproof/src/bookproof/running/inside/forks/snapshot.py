"""Take snapshots of a kernel: forks that wait, and of which kernels are forked that go on.

A snapshot is asked for by a message of its own kind, between two cells. It is connected with who
asked; when that connection ends, so does the snapshot. Each message on it, the JSON of [arguments,
folder, environment], is answered with the process of a new kernel and a pipe that tells its exit
status when it ended.
"""

import asyncio
import json
import sys
from contextlib import suppress
from os import (
    _exit,
    close,
    fork,
    kill,
    pidfd_open,
    pipe,
    setsid,
    waitpid,
    waitstatus_to_exitcode,
    write,
)
from random import getstate, setstate
from select import select
from signal import SIGKILL
from socket import AF_UNIX, MSG_WAITALL, send_fds, socket

from .. import quiet
from . import ASKED
from .descriptors import Descriptors, let_go, reopen
from .elsewhere import Elsewhere
from .revival import revive
from .safety import Safety, collecting_thread

LENGTH = 8
"""How many bytes tell the length of a message."""

_CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
_TRIES = 20
_PAUSE = 0.01  # seconds between two of them


def offer(probe, descriptors):
    """Take snapshots when asked; `descriptors` are those of the standard streams."""
    from IPython import get_ipython

    kernel = get_ipython().kernel
    known = sys.modules["ipykernel"].version_info[0] == 7 and len(descriptors) == 2
    taker = _Taker(kernel, probe, descriptors) if known else _Refusal(kernel)
    kernel.shell_handlers[ASKED] = taker.take


class _Refusal:
    """What answers where nothing is known of the kernel's inside."""

    def __init__(self, kernel):
        self._kernel = kernel

    def take(self, stream, ident, parent):
        answer = {"why": "it is another ipykernel", "record": ""}
        self._kernel.session.send(stream, f"{ASKED}_reply", answer, parent, ident=ident)


class _Taker:
    """What takes snapshots of a kernel."""

    def __init__(self, kernel, probe, descriptors):
        self._kernel = kernel
        self._probe = probe
        self._descriptors = descriptors
        self._elsewhere = Elsewhere(probe)
        self._elsewhere.start()
        self._begin()

    def _begin(self):
        """Note what the kernel is before a cell can change it."""
        app = self._kernel.parent
        self._collector = collecting_thread()
        self._safety = Safety(self._kernel)
        streams = list(self._descriptors)
        self._streams = [s._fid for s in streams] + [s._original_stdstream_fd for s in streams]
        kept = {0, *self._streams, *(s._original_stdstream_copy for s in streams)}
        ports = [getattr(app, f"{name}_port") for name in _CHANNELS]
        self._open = Descriptors(kept, [f"{app.ip}-{port}" for port in ports], ports)

    async def take(self, stream, ident, parent):
        """Take a snapshot, and tell what the kernel has done so far, or why there is none."""
        taken = None
        for _ in range(_TRIES):
            try:
                taken, why, told = self._try(parent["content"])
            except Exception as error:
                taken, why, told = False, f"{type(error).__name__}: {error}", ""
            if taken is not None:
                break
            await asyncio.sleep(_PAUSE)
        if not taken:  # else this is a new kernel, of which nobody waits for an answer
            answer = {"why": why, "record": told}
            self._kernel.session.send(stream, f"{ASKED}_reply", answer, parent, ident=ident)

    def _try(self, asked):
        """Return whether this is a kernel forked of a snapshot, None where one is to try again.

        Returns also why no snapshot was taken, and what the kernel has done so far.
        """
        for output in self._descriptors:
            output.flush()
        with self._probe.unseen():
            why, lost = self._why_not()
            if why:
                return False, why, ""
            told = self._probe.told()
            taken = self._fork(asked, lost)
        return taken, "it is never at rest" if taken is None else "", told

    def _why_not(self):
        why, lost = self._open.sort(contexts=collecting_thread() is not self._collector)
        elsewhere = self._elsewhere.changed()
        written = f"{elsewhere}, outside the book, is written" if elsewhere else ""
        return why or self._safety.why_not() or written, lost

    def _fork(self, asked, lost):
        """Fork the snapshot; return whether this is a kernel that was forked of it.

        None where something is under way, so that there is none.
        """
        numbers, interval = getstate(), sys.getswitchinterval()
        sys.setswitchinterval(1000)  # what is calm stays so
        try:
            with quiet.unheard([]):  # from Python 3.12 on it warns of forks beside threads
                between = fork() if self._safety.is_calm() else None
        finally:
            sys.setswitchinterval(interval)
        if between is None:
            return None
        if between:  # is no child of the kernel: a cell may wait for its own children
            waitpid(between, 0)
            return False
        try:
            if fork():
                _exit(0)
            self._wait(asked, *lost)
            setstate(numbers)  # forks begin anew
            self._keep_numbers()
            return True
        except BaseException:
            _exit(1)

    def _wait(self, asked, lost, files):
        """Wait for messages; return in the kernels that are forked."""
        setsid()
        let_go([*lost, *self._streams])
        reopen(files)
        line, kernels = socket(AF_UNIX), {}
        line.connect(asked["line"])
        while True:
            ready = select([line, *kernels], [], [])[0]
            for ended in kernels.keys() & set(ready):
                _tell_end(ended, *kernels.pop(ended))
            if line not in ready:
                continue
            head = line.recv(LENGTH, MSG_WAITALL)
            if not head:
                for process, _ in kernels.values():
                    kill(process, SIGKILL)
                _exit(0)
            message = line.recv(int.from_bytes(head, "big"), MSG_WAITALL)
            told, tell = pipe()
            process = fork()
            if not process:
                setsid()
                line.close()
                for number in (told, tell, *kernels, *(tell for _, tell in kernels.values())):
                    close(number)
                reopen(files)
                self._become(json.loads(message)[0])
                return
            kernels[pidfd_open(process)] = process, tell
            send_fds(line, [str(process).encode()], [told])
            close(told)

    def _keep_numbers(self):
        """Let no random number be used up where the kernel tells what it is: it tells a tip."""
        plain = self._kernel.kernel_info_request

        async def kernel_info_request(stream, ident, parent):
            numbers = getstate()
            try:
                await plain(stream, ident, parent)
            finally:
                setstate(numbers)

        self._kernel.shell_handlers["kernel_info_request"] = kernel_info_request

    def _become(self, arguments):
        """Become the kernel that the arguments would have started, but for what it has done."""
        self._probe.forget_threads()
        revive(self._kernel, self._descriptors, arguments[arguments.index("-f") + 1])
        self._begin()


def _tell_end(ended, process, tell):
    """Tell the exit status of a kernel that has ended."""
    status = waitstatus_to_exitcode(waitpid(process, 0)[1])
    with suppress(BrokenPipeError):  # nobody waits for it any more
        write(tell, str(status).encode())
    close(tell)
    close(ended)
