"""Start a kernel, ask it, and stop it without leaving anything behind."""

from __future__ import annotations

import ast
import asyncio
import functools
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from zmq import ZMQError

from bookproof.reading.chapter import Chapter
from bookproof.running import warm
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

_INSIDE = Path(__file__).with_name("inside")
STARTUP_TIMEOUT = 60
_LONGEST_SOCKET_FOLDER = 80  # a path to a socket has at most 107 bytes on Linux, 103 on macOS
TROUBLE = (RuntimeError, OSError, ValueError, ZMQError)
"""What goes wrong between us and a kernel."""


def environment() -> dict[str, str]:
    """Return the environment of a kernel."""
    return {**os.environ, **ENVIRONMENT}


@functools.cache
def interpreter(name: str) -> str:
    """Return the program that runs the kernel of a name."""
    try:
        return AsyncKernelManager(kernel_name=name).format_kernel_cmd()[0]
    except (NoSuchKernel, ValueError, IndexError):
        return sys.executable  # such a kernel does not start; its start will tell


def _command(name: str) -> list[str]:
    """Return the command that starts the kernel of a name."""
    try:
        return KernelSpecManager().get_kernel_spec(name).argv or [sys.executable]
    except (NoSuchKernel, ValueError):
        return [sys.executable, "ipykernel"]  # such a kernel does not start; its start will tell


def is_ours(name: str) -> bool:
    """Tell whether the kernel of a name is an ipykernel, by the command that starts it."""
    return any("ipykernel" in word for word in _command(name))


def transport(name: str, folder: Path) -> str:
    """Return how to talk to the kernel of a name: by sockets in a folder, where it can be."""
    # Paths to sockets are short. Of the kernels that Python does not run, few know such sockets.
    fits = os.name != "nt" and len(os.fsencode(folder)) <= _LONGEST_SOCKET_FOLDER
    return "ipc" if fits and Path(_command(name)[0]).name.startswith("python") else "tcp"


def is_ipython(info: Mapping) -> bool:
    """Tell whether a kernel that says this of itself runs our probe."""
    return info.get("implementation") == "ipython"


def stranger(name: str) -> str:
    """Return what should be known of a kernel that does not run our probe."""
    return (
        f"kernel {name!r} is none of IPython's: what its chapters read is not seen, so that they "
        "run at every check, and figures are not described"
    )


def versions(info: Mapping) -> dict[str, str]:
    """Return the version of a language other than Python, or else of its kernel."""
    language = info.get("language_info", {})
    if not info or language.get("name") == "python":
        return {}
    known = {
        language.get("name"): language.get("version"),
        info.get("implementation"): info.get("implementation_version"),
    }
    return next(({str(name): str(known[name])} for name in known if name and known[name]), {})


async def start(
    manager: AsyncKernelManager,
    client: NotebookClient,
    chapter: Chapter,
    root: Path,
    profile: Path,
    nursery: Nursery | None,
) -> tuple[Failure | None, Mapping]:
    """Start a kernel for a chapter, with an empty IPython profile.

    It is forked from the nursery, where there is one, and records what it reads below `root`.
    Returns why it did not start, and what it says of itself.
    """
    try:
        folder = chapter.path.parent
        if chapter.settings.execution_in_temp:
            folder = profile.with_name(f"{chapter.path.stem} {id(chapter)}")
            folder.mkdir()
        if nursery and interpreter(chapter.kernel) == sys.executable:
            warm.use(nursery, manager.kernel_spec)
        await manager.start_kernel(
            cwd=str(folder),
            # An empty profile: what its owner's IPython does at startup is not in the book.
            env={**environment(), "IPYTHONDIR": str(profile)},
            extra_arguments=["--HistoryManager.enabled=False"] * is_ours(chapter.kernel),
        )
        await client.async_start_new_kernel_client()
        reply = await client.kc.kernel_info(reply=True, timeout=STARTUP_TIMEOUT)
        if is_ipython(reply["content"]):
            await _tell(client, prelude() + _call("start", *_places(root)))
        return None, reply["content"]
    except NoSuchKernel:
        message = f"there is no kernel named {chapter.kernel!r}"
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


def prelude() -> str:
    """Return the code that readies a kernel: it records opened files and describes figures.

    It brings the modules of `inside` along, as a package of their own.
    """
    sources = {f"_bookproof.{p.stem}": p.read_text("utf-8") for p in sorted(_INSIDE.glob("*.py"))}
    sources["_bookproof"] = sources.pop("_bookproof.__init__")
    return f"{_LOAD}_bookproof_load({sources!r})\ndel _bookproof_load\n"


_LOAD = """
def _bookproof_load(sources):
    import importlib.abc, importlib.util, sys

    class Sent(importlib.abc.InspectLoader):
        def get_source(self, name):
            return sources[name]

        def is_package(self, name):
            return "." not in name

        def find_spec(self, name, path=None, target=None):
            return importlib.util.spec_from_loader(name, self) if name in sources else None

    sent = Sent()
    sys.meta_path.insert(0, sent)
    for name in sources:
        importlib.import_module(name)
    sys.meta_path.remove(sent)
    modules = sys.modules
    modules["_bookproof.probe"].show_descriptions(modules["_bookproof.describe"])
"""


def _call(function: str, *arguments: object) -> str:
    """Return the code that calls a function of the probe."""
    return f"__import__('sys').modules['_bookproof.probe'].{function}{arguments!r}"


def _places(root: Path) -> list[str]:
    """Return the root, and the folders below it that are none of the book's."""
    ours = [os.path.join(root, "_build", ""), os.path.join(root, ".git", "")]
    prefixes = sorted({sys.prefix, sys.base_prefix})
    return [str(root), *ours, *(os.path.join(prefix, "") for prefix in prefixes)]


async def ask_probe(
    client: NotebookClient, last: int
) -> tuple[tuple[list[str], list[str]], Failure | None]:
    """Return the files and the variables that the run read, or why the kernel does not tell."""
    try:
        reply = await _tell(client, "", {"recorded": _call("recorded")})
        answer = reply["content"]["user_expressions"]["recorded"]
        if answer["status"] != "ok":
            raise RuntimeError(f"the list of what was read is lost: {answer.get('evalue')}")
        # The kernel answers with the repr of a JSON string.
        return json.loads(ast.literal_eval(answer["data"]["text/plain"])), None
    except DeadKernelError:
        message = f"the kernel {await death(client)} after its last cell"
    except (KeyError, SyntaxError, *TROUBLE) as error:
        message = f"the kernel is out of order after its last cell: {one_line(error)}"
    return ([], []), Failure(Ending.KERNEL_DIED, message, last if last >= 0 else None)


async def _tell(client: NotebookClient, code: str, expressions: dict | None = None) -> dict:
    """Execute code that leaves no trace in the session; return the kernel's reply.

    Raises DeadKernelError where the kernel dies meanwhile.
    """
    telling = asyncio.ensure_future(
        client.kc._async_execute_interactive(
            code,
            silent=True,
            store_history=False,
            user_expressions=expressions or {},
            allow_stdin=False,
            timeout=STARTUP_TIMEOUT,
            output_hook=_listen,
        )
    )
    try:
        while not (await asyncio.wait([telling], timeout=0.5))[0]:
            if not await client.km.is_alive():
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
