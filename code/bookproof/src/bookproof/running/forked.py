"""Kernels that another process forks when it is told to."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket

from bookproof.running.nursery import LENGTH


def fork(
    line: socket.socket, arguments: list[str], folder: str, environment: dict[str, str]
) -> Child:
    """Let the process at the other end of a line fork a kernel.

    Raises OSError where it is gone.
    """
    message = json.dumps([arguments, folder, environment]).encode()
    line.sendall(len(message).to_bytes(LENGTH, "big") + message)
    answer, descriptors, _, _ = socket.recv_fds(line, 32, 1)
    if not descriptors:
        raise ConnectionResetError("the process that kernels are forked from has ended")
    return Child(int(answer), descriptors[0])


class Child:
    """A forked kernel, with as much of `subprocess.Popen` as a provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, told: int):
        self.pid = pid
        self.returncode: int | None = None
        self._told = told  # readable as soon as the kernel has ended

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal, None while the kernel lives."""
        if self.returncode is None and select.select([self._told], [], [], 0)[0]:
            self.returncode = int(os.read(self._told, 32) or -signal.SIGKILL)
            os.close(self._told)
        return self.returncode

    def wait(self) -> int:
        """Wait until the kernel has ended; return its exit status."""
        if self.returncode is None:
            select.select([self._told], [], [])
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal to a kernel that lives."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill the kernel."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)
