"""Warm kernels: forked from one process, the nursery, that has imported the heavy libraries.

An ordinary kernel that imports torch is ready after some three seconds, a fork of a process that
has imported it after half a second. Outputs are the same: the nursery holds nothing but ipykernel
and what it was told to import, never the book's own modules.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Any

from bookproof.running import files
from bookproof.running.forked import Child, fork

NAME = "bookproof-warm"
"""The name under which Jupyter knows the provisioner: an entry point of the package."""

_SCRIPT = Path(__file__).with_name("nursery.py")
_LAUNCHER = "ipykernel_launcher"
_IMPORT_TIMEOUT = 60  # seconds
_END_TIMEOUT = 1


class Nursery:
    """The process that kernels are forked from, and the line to it."""

    def __init__(
        self,
        root: Path,
        modules: Sequence[str],
        environment: dict[str, str],
        folder: Path | None = None,
    ):
        self._line, theirs = socket.socketpair()
        self._trouble: str | None = None  # not known yet
        # A folder of its own: what lies beside the chapters must not decide what is imported.
        self._folder = files.temporary(folder)
        flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
        command = [sys.executable, *flags, str(_SCRIPT), str(theirs.fileno()), str(root), *modules]
        self._process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            env=environment,
            cwd=self._folder.name,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()

    def ready(self) -> str:
        """Wait for the imports; return why kernels cannot be forked, empty where they can."""
        if self._trouble is None:
            self._line.settimeout(_IMPORT_TIMEOUT)
            try:
                answer = self._line.makefile().readline().strip() or "the imports ended the process"
            except TimeoutError:
                answer = f"the imports took more than {_IMPORT_TIMEOUT} s"
            self._trouble = "" if answer == "ok" else answer
        return self._trouble

    def fork(self, arguments: list[str], folder: str, environment: dict[str, str]) -> Child:
        """Start a kernel with the arguments of an ordinary one.

        Raises OSError where the nursery is gone.
        """
        return fork(self._line, arguments, folder, environment)

    @property
    def is_known(self) -> bool:
        """Tell whether it is known by now that kernels can be forked, or that they cannot."""
        return self._trouble is not None

    @property
    def alive(self) -> bool:
        """Tell whether the process lives."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process; kernels end before it."""
        with contextlib.suppress(OSError):  # the other end has gone by itself
            self._line.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for the imports
        self._line.close()
        try:
            self._process.wait(_END_TIMEOUT)
        except subprocess.TimeoutExpired:  # it still imports
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()


class WarmProvisioner(LocalProvisioner):
    """Launch a kernel by forking it from a nursery."""

    nursery = Any()

    async def launch_kernel(self, cmd: list[str], **kwargs) -> KernelConnectionInfo:
        """Fork the kernel that the command would start; return how to connect to it."""
        arguments = cmd[cmd.index(_LAUNCHER) :]
        try:
            self.process = self.nursery.fork(arguments, kwargs["cwd"], kwargs["env"])
        except OSError:  # it is gone
            if not isinstance(self.nursery, Nursery):
                raise  # what was to go on is lost
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = self.process.pid
        self.cwd = kwargs["cwd"]
        return self.connection_info


def use(nursery: Nursery, spec: KernelSpec) -> None:
    """Let a kernel of this interpreter be forked from a nursery, where it is an ipykernel."""
    if _LAUNCHER in spec.argv:
        stanza = {"provisioner_name": NAME, "config": {"nursery": nursery}}
        spec.metadata["kernel_provisioner"] = stanza


class Warmth:
    """Opens nurseries, one at a time, and keeps the last one open where it shall last.

    `folder` is where temporary files belong, None for the system's own.
    """

    def __init__(self, lasting: bool = False, folder: Path | None = None):
        self.lasting = lasting
        self.folder = folder
        self._nursery: Nursery | None = None
        self._made_for: tuple | None = None

    @contextlib.asynccontextmanager
    async def open(
        self,
        root: Path,
        modules: Sequence[str],
        environment: dict[str, str],
        note: Callable[[str], None],
        state: object = None,
    ) -> AsyncIterator[asyncio.Future[Nursery | None]]:
        """Keep a nursery; yield what becomes it, or None where kernels cannot be forked.

        `note` is told why kernels cannot be forked.
        """
        nursery = self.begin(root, modules, environment, state)
        if nursery is None:
            nothing = asyncio.get_running_loop().create_future()
            nothing.set_result(None)
            yield nothing
            return

        async def warm() -> Nursery | None:
            trouble = await asyncio.to_thread(nursery.ready)
            if trouble:
                note(f"kernels are started one by one: {trouble}")
            return None if trouble else nursery

        warming = asyncio.create_task(warm())
        if nursery.is_known:
            await warming  # or the first kernel would not wait for it
        try:
            yield warming
        finally:
            finished = warming.done() and not warming.cancelled()
            warming.cancel()
            if not (self.lasting and finished):
                self.close()

    def begin(
        self,
        root: Path,
        modules: Sequence[str],
        environment: dict[str, str],
        state: object = None,
    ) -> Nursery | None:
        """Return a nursery that may still have to import; None where there can be none.

        One that was kept is of use while all these are equal; `state` is what else it depends on.
        """
        paths = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
        forks = hasattr(os, "fork") and hasattr(socket, "send_fds")
        if not modules or not forks or not all(map(os.path.isabs, paths)):  # relative to a chapter
            return None
        made_for = (root, tuple(modules), environment, state)
        if not (self._nursery and self._nursery.alive and self._made_for == made_for):
            self.close()
            self._nursery = Nursery(root, modules, environment, self.folder)
            self._made_for = made_for
        return self._nursery

    @property
    def lost(self) -> bool:
        """Tell whether the nursery that is kept has died."""
        return self._nursery is not None and not self._nursery.alive

    def close(self) -> None:
        """End what was kept."""
        if self._nursery:
            self._nursery.close()
        self._nursery = None
