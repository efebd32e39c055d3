"""The process that warm kernels are forked from: run by `warm`, as a script of its own.

It imports nothing of bookproof, so that a forked kernel holds what an ordinary one holds. Its
arguments are the descriptor of a socket, the book's root, and the modules to import. It says
"ok", or why it does not serve; then each message, the JSON of [arguments, folder, environment],
is answered with the process of a new kernel and a pipe that tells its exit status when it ended.
"""

import contextlib
import ctypes
import importlib.util
import json
import os
import random
import select
import signal
import socket
import sys
import threading
from importlib.machinery import PathFinder

LENGTH = 8
"""How many bytes tell the length of a message."""

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of Linux


def serve(line, root, modules):
    """Import the modules, then fork a kernel for each message, until the line is closed."""
    noted = _note_modules()
    # ipykernel reads it when it is imported; a kernel ends when this process has ended.
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    from ipykernel.kernelapp import launch_new_instance

    _adopt()
    for module in modules:
        with contextlib.suppress(ImportError):  # the chapter that needs it will say so
            importlib.import_module(module)
    found = {os.path.abspath(entry) for entry in sys.path if os.path.isdir(entry)}
    own = [entry for entry in found if entry.startswith(os.path.join(root, ""))]
    noted.listed = {entry: os.listdir(entry) for entry in own}
    line.sendall((unsafe(root) or "ok").encode() + b"\n")
    rung, bell = os.pipe()
    os.set_blocking(bell, False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(bell)
    kernels = {}
    while True:
        ready, _, _ = select.select([line, rung], [], [])
        if rung in ready:
            os.read(rung, 512)
            _reap(kernels)
        if line in ready:
            head = line.recv(LENGTH, socket.MSG_WAITALL)
            if not head:
                return
            message = json.loads(line.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL))
            told, tell = os.pipe()
            process = os.fork()
            if not process:
                signal.set_wakeup_fd(-1)
                line.close()
                for descriptor in (rung, bell, told, tell, *kernels.values()):
                    os.close(descriptor)
                _become(launch_new_instance, *message)
            kernels[process] = tell
            socket.send_fds(line, [str(process).encode()], [told])
            os.close(told)


def _adopt():
    """Become the parent of what kernels leave behind: snapshots, which end after them."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def _note_modules():
    """Note which modules are looked for, until the probe in a kernel ends it; return the notes."""
    plain, look = vars(PathFinder)["find_spec"], PathFinder.find_spec

    def find_spec(cls, fullname, path=None, target=None):
        find_spec.asked.add(fullname)
        return look(fullname, path, target)

    find_spec.asked, find_spec.plain = set(sys.modules), plain
    PathFinder.find_spec = classmethod(find_spec)
    return find_spec


def _reap(kernels):
    """Tell the exit status of every kernel that has ended; what else has ended let go."""
    with contextlib.suppress(ChildProcessError):  # there is none any more
        while True:
            process, status = os.waitpid(-1, os.WNOHANG)
            if not process:
                return
            if tell := kernels.pop(process, None):
                with contextlib.suppress(BrokenPipeError):  # nobody waits for it any more
                    os.write(tell, str(os.waitstatus_to_exitcode(status)).encode())
                os.close(tell)


def unsafe(root):
    """Return why kernels cannot be forked from this process, empty where they can."""
    tasks = "/proc/self/task"
    if max(len(os.listdir(tasks)) if os.path.isdir(tasks) else 1, threading.active_count()) > 1:
        return "a preloaded module has started a thread"
    standard = os.path.join(os.path.dirname(os.__file__), "")
    for name, module in sorted(sys.modules.items()):
        path = getattr(module, "__file__", None) or standard
        installed = f"-packages{os.sep}" in path or path.startswith(standard)
        if os.path.isabs(path) and not installed:  # torch.classes only names one
            return f"{name} is not installed, and a change of it would go unseen"
    return ""


def _become(launch, arguments, folder, environment):
    """Turn this fork into the kernel that the arguments would have started."""
    status = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        program, *rest = arguments
        sys.argv = [importlib.util.find_spec(program).origin, *rest]
        random.seed()  # as unforeseeable as in a new process
        if numpy := sys.modules.get("numpy"):
            numpy.random.seed()
        launch()
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    del sys.path[0], __file__  # a kernel has neither this script's folder nor its file
    with contextlib.suppress(ConnectionError):  # the other end of the line is gone
        serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2], sys.argv[3:])
