"""Start a kernel, ask it, and stop it without leaving anything behind."""

from __future__ import annotations

import ast
import asyncio
import functools
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_core.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from zmq import ZMQError

from bookproof.reading.chapter import Chapter
from bookproof.running import spec, warm
from bookproof.running.failure import Ending, Failure
from bookproof.running.warm import Nursery

ENVIRONMENT = {
    # One thread, a fixed hash seed and no terminal: outputs must not depend on the machine.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "COLUMNS": "80",
    "NO_COLOR": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # as a kernel sets it, but sooner
}
"""The environment variables that every kernel gets."""


@dataclass(frozen=True)
class Guise:
    """What makes a kernel other than it is: variables, and whether it is on a strange machine.

    There, clocks run too fast. `patience` is how often the time that is set each cell may take,
    `forks` lets snapshots of it be taken.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    hurried: bool = False
    patience: float = 1
    forks: bool = False


PLAIN = Guise()

_INSIDE = Path(__file__).with_name("inside")
STARTUP_TIMEOUT = 60
TROUBLE = (RuntimeError, OSError, ValueError, ZMQError)
"""What goes wrong between us and a kernel."""


def environment() -> dict[str, str]:
    """Return the environment of a kernel.

    One that is told of pytest would not show what programs print.
    """
    inherited = {name: os.environ[name] for name in os.environ if name != "PYTEST_CURRENT_TEST"}
    return inherited | ENVIRONMENT


async def start(
    manager: AsyncKernelManager,
    client: NotebookClient,
    chapter: Chapter,
    root: Path,
    profile: Path,
    nursery: Nursery | None,
    guise: Guise = PLAIN,
    is_ready: bool = False,
) -> tuple[Failure | None, Mapping]:
    """Start a kernel for a chapter, with an empty IPython profile.

    It is forked from the nursery, where there is one, and records what it reads below `root`, as
    one that is ready does already. Returns why it did not start, and what it says of itself.
    """
    try:
        folder = chapter.path.parent
        if chapter.settings.execution_in_temp:
            folder = Path(tempfile.mkdtemp(dir=profile.parent))
        if nursery and spec.interpreter(chapter.kernel) == sys.executable:
            warm.use(nursery, manager.kernel_spec)
        await manager.start_kernel(
            cwd=str(folder),
            # An empty profile: what its owner's IPython does at startup is not in the book.
            env={**environment(), **guise.environment, "IPYTHONDIR": str(profile)},
            extra_arguments=["--HistoryManager.enabled=False"] * spec.is_ours(chapter.kernel),
        )
        await client.async_start_new_kernel_client()
        reply = await client.kc.kernel_info(  # type: ignore[call-arg, misc]  # a coroutine
            reply=True, timeout=STARTUP_TIMEOUT
        )
        if spec.is_ipython(reply["content"]) and not is_ready:
            ready = (str(answer_file(manager)), guise.hurried, guise.forks, *_places(root))
            code = prelude(guise.forks)
            await tell(client, f"{code}_bookproof_ready{ready!r}\ndel _bookproof_ready")
        return None, reply["content"]
    except NoSuchKernel:
        message = f"there is no kernel named {chapter.kernel!r}: see `jupyter kernelspec list`"
    except (DeadKernelError, *TROUBLE) as error:
        message = f"kernel {chapter.kernel!r}: {one_line(error)}"
    return Failure(Ending.NOT_STARTED, message), {}


async def death(client: NotebookClient) -> str:
    """Return how the kernel ended, as words after "the kernel"."""
    status = await client.km.provisioner.poll()
    if status is None or status >= 0:
        return f"ended with status {status}"
    hint = " (out of memory?)" if -status == signal.SIGKILL else ""
    return f"was killed by {signal.Signals(-status).name}{hint}"


@functools.cache
def prelude(forks: bool = False) -> str:
    """Return the code that readies a kernel: it defines `_bookproof_ready`.

    It brings the modules of `inside` along, those of `forks` only where a kernel needs them. Once
    they are loaded no cell can find them, nor change what they use of Python.
    """
    sources = {}
    for path in sorted([*_INSIDE.glob("*.py"), *(_INSIDE.glob("forks/*.py") if forks else ())]):
        name = ".".join(("_bookproof", *path.relative_to(_INSIDE).with_suffix("").parts))
        sources[name.removesuffix(".__init__")] = path.read_text("utf-8")
    return f"{_LOAD}_bookproof_ready = _bookproof_load({sources!r})\ndel _bookproof_load\n"


_LOAD = """
def _bookproof_load(sources):
    import builtins, importlib.abc, importlib.util, sys

    own, loaded = dict(vars(builtins)), {}
    plain = own["__import__"]

    class Sent(importlib.abc.InspectLoader):
        def get_source(self, name):
            return sources[name]

        def is_package(self, name):
            return any(other.startswith(f"{name}.") for other in sources)

        def find_spec(self, name, path=None, target=None):
            return importlib.util.spec_from_loader(name, self) if name in sources else None

        def exec_module(self, module):
            vars(module)["__builtins__"] = own
            super().exec_module(module)

    def import_(name, globals=None, locals=None, fromlist=(), level=0):
        if not level and name.partition(".")[0] != "_bookproof":
            return plain(name, globals, locals, fromlist, level)
        sys.modules.update(loaded)
        try:
            return plain(name, globals, locals, fromlist, level)
        finally:
            for name in loaded:
                del sys.modules[name]

    own["__import__"] = import_
    sent = Sent()
    sys.meta_path.insert(0, sent)
    for name in sources:
        importlib.import_module(name)
    sys.meta_path.remove(sent)
    loaded.update({name: sys.modules.pop(name) for name in sources})
    return loaded["_bookproof.ready"].ready
"""


def _places(root: Path) -> list[str]:
    """Return the root, and the folders below it that are none of the book's."""
    ours = [os.path.join(root, "_build", ""), os.path.join(root, ".git", "")]
    prefixes = sorted({sys.prefix, sys.base_prefix})
    return [str(root), *ours, *(os.path.join(prefix, "") for prefix in prefixes)]


async def ask_probe(client: NotebookClient, last: int) -> tuple[dict, Failure | None]:
    """Return what the probe recorded, or why the kernel is no more.

    Where the kernel lives and does not tell, the record says that it is lost.
    """
    answer = answer_file(client.km)
    try:
        await tell(client, "", {"record": repr(str(answer))})
        return ast.literal_eval(answer.read_text("ascii")), None
    except DeadKernelError:
        message = f"the kernel {await death(client)} after its last cell"
        return {}, Failure(Ending.KERNEL_DIED, message, last if last >= 0 else None)
    except (SyntaxError, *TROUBLE) as error:
        return {"lost": one_line(error)}, None


def answer_file(manager: KernelManager) -> Path:
    """Return the file to which the probe in a kernel writes its record."""
    return Path(f"{manager.connection_file}.record")


async def tell(
    client: NotebookClient,
    code: str,
    expressions: dict | None = None,
    timeout: float | None = -1,
) -> dict:
    """Execute code that leaves no trace in the session; return the kernel's reply.

    `timeout` is in seconds, None for ever, by default that of a kernel's start.
    Raises DeadKernelError where the kernel dies meanwhile.
    """
    telling = asyncio.ensure_future(
        client.kc._async_execute_interactive(
            code,
            silent=True,
            store_history=False,
            user_expressions=expressions or {},
            allow_stdin=False,
            timeout=STARTUP_TIMEOUT if timeout == -1 else timeout,
            output_hook=_listen,
        )
    )
    try:
        while not (await asyncio.wait([telling], timeout=0.5))[0]:
            if not await ensure_async(client.km.is_alive()):
                raise DeadKernelError("the kernel died")
        return telling.result()
    finally:
        telling.cancel()


def _listen(message: dict) -> None:
    """Raise what goes wrong in the kernel's own preparation."""
    if message["msg_type"] == "error":
        raise RuntimeError(f"{message['content']['ename']}: {message['content']['evalue']}")


async def stop(manager: AsyncKernelManager, client: NotebookClient) -> None:
    """Leave no kernel, socket or file behind, whatever happened."""
    try:
        if manager.has_kernel:
            await manager.provisioner.kill()  # first: an interrupt may cut short what waits
            await manager.shutdown_kernel(now=True)
    finally:
        if client.kc is not None:
            client.kc.stop_channels()
        await ensure_async(manager.cleanup_resources())


def one_line(error: Exception) -> str:
    """Return the message of an error, or else its name."""
    return " ".join(str(error).split()) or type(error).__name__
