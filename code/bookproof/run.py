"""Run the cells of chapters, each chapter in a kernel of its own, several at a time."""

from __future__ import annotations

import ast
import asyncio
import json
import logging
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_async
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from bookproof import match
from bookproof.scan import Chapter

_PROBE = Path(__file__).with_name("probe.py")
_DESCRIBE = Path(__file__).with_name("describe.py")
_STARTUP_TIMEOUT = 60
_ENVIRONMENT = {
    # One thread, a fixed hash seed and no terminal: outputs must not depend on the machine.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "COLUMNS": "80",
    "NO_COLOR": "1",
}


@dataclass(frozen=True)
class Failure:
    """Why a chapter did not run to its end.

    `kind` is the value of a `compare.Kind`; `cell` the index of the code cell (None: the kernel
    itself), `line` the 1-based line of the cell's code, where known.
    """

    kind: str
    message: str
    cell: int | None = None
    line: int | None = None


@dataclass(frozen=True)
class Run:
    """What the code cells of a chapter gave: a list of outputs each, None where one did not run.

    `opened` are the files that the run read, as paths relative to the book's root.
    """

    outputs: tuple[list[NotebookNode] | None, ...]
    failure: Failure | None = None
    opened: tuple[str, ...] = ()
    seconds: float = 0.0


def run(
    chapters: Iterable[Chapter],
    root: Path,
    timeout: float,
    workers: int,
    done: Callable[[Chapter, Run], None] = lambda chapter, run: None,
) -> dict[str, Run]:
    """Execute chapters and return a run for each by name.

    `timeout` is the seconds a cell may take, `workers` how many kernels may live at a time;
    `done` is called after each chapter.
    """

    async def run_all() -> dict[str, Run]:
        slots = asyncio.Semaphore(workers)

        async def one(number: int, chapter: Chapter) -> tuple[str, Run]:
            async with slots:
                result = await _run_chapter(chapter, root, timeout, Path(sockets, f"{number}.json"))
            done(chapter, result)
            return chapter.name, result

        with tempfile.TemporaryDirectory(prefix="bookproof-") as sockets:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(*item)) for item in enumerate(chapters)]
        return dict(task.result() for task in tasks)

    return asyncio.run(run_all())


async def _run_chapter(chapter: Chapter, root: Path, timeout: float, connection: Path) -> Run:
    started = time.monotonic()
    kernel_name = chapter.notebook.metadata.get("kernelspec", {}).get("name", "python3")
    quiet = logging.getLogger("bookproof.kernel")
    quiet.setLevel(logging.CRITICAL)  # what goes wrong is in the failure
    manager = AsyncKernelManager(
        kernel_name=kernel_name,
        connection_file=str(connection),
        transport="tcp" if os.name == "nt" else "ipc",
        log=quiet,
    )
    client = NotebookClient(
        chapter.notebook,
        km=manager,
        log=quiet,
        timeout=timeout,
        startup_timeout=_STARTUP_TIMEOUT,
        coalesce_streams=True,
    )
    outputs: list[list[NotebookNode] | None] = [None] * len(chapter.cells)
    failure, opened = None, ()
    try:
        await manager.start_kernel(
            cwd=str(chapter.path.parent),
            env={**os.environ, **_ENVIRONMENT},
            extra_arguments=["--HistoryManager.enabled=False"],
        )
        await client.async_start_new_kernel_client()
        await _tell(client, _prelude())
        failure = await _run_cells(client, chapter, outputs)
        if failure is None:
            opened = await _ask_probe(client, root)
    except NoSuchKernel:
        failure = Failure("kernel not started", f"there is no kernel named {kernel_name!r}")
    except (RuntimeError, OSError, ValueError) as error:
        failure = Failure("kernel not started", " ".join(str(error).split()))
    finally:
        await _stop(manager, client)
    return Run(tuple(outputs), failure, opened, time.monotonic() - started)


async def _run_cells(
    client: NotebookClient, chapter: Chapter, outputs: list[list[NotebookNode] | None]
) -> Failure | None:
    index = -1
    for position, node in enumerate(chapter.notebook.cells):
        if node.cell_type != "code":
            continue
        index += 1
        node.outputs = []
        try:
            await client.async_execute_cell(node, position)
        except CellExecutionError as error:
            failure = _cell_failure(error, index)
        except CellTimeoutError:
            limit = client._get_timeout(node)
            failure = Failure("cell never ended", f"did not end within {limit:g} s", index)
        except DeadKernelError:
            if asyncio.current_task().cancelling():  # nbclient takes an interrupt for a death
                raise asyncio.CancelledError from None
            failure = Failure("kernel died", "the kernel died while the cell ran", index)
        else:
            failure = None
        outputs[index] = node.outputs
        if failure:
            return failure
    return None


def _cell_failure(error: CellExecutionError, index: int) -> Failure:
    traceback = match.normalise(error.traceback)
    place = re.search(r"Cell In\[\d+\], line (\d+)", traceback)
    message = f"{error.ename}: {error.evalue}".strip()
    return Failure("cell failed", message, index, int(place[1]) if place else None)


def _prelude() -> str:
    """Return the code that readies a kernel: it records opened files and describes figures."""
    modules = {f"_bookproof_{path.stem}": path.read_text("utf-8") for path in (_PROBE, _DESCRIBE)}
    return (
        "import sys as _s, types as _t\n"
        f"for _n, _c in {modules!r}.items():\n"
        "    _m = _s.modules[_n] = _t.ModuleType(_n)\n"
        "    exec(compile(_c, _n, 'exec'), _m.__dict__)\n"
        "_s.modules['_bookproof_describe'].install()\n"
        "_s.modules['_bookproof_probe'].start()\n"
        "del _c, _m, _n, _s, _t\n"
    )


async def _ask_probe(client: NotebookClient, root: Path) -> tuple[str, ...]:
    excluded = [os.path.join(root, "_build", ""), os.path.join(root, ".git", "")]
    excluded += [os.path.join(prefix, "") for prefix in {sys.prefix, sys.base_prefix}]
    arguments = ", ".join(repr(path) for path in [str(root), *excluded])
    call = f"__import__('sys').modules['_bookproof_probe'].opened({arguments})"
    reply = await _tell(client, "", {"opened": call})
    answer = reply["content"]["user_expressions"]["opened"]
    if answer["status"] != "ok":
        raise RuntimeError(f"the list of opened files is lost: {answer.get('evalue')}")
    # The kernel answers with the repr of a JSON string.
    return tuple(json.loads(ast.literal_eval(answer["data"]["text/plain"])))


async def _tell(client: NotebookClient, code: str, expressions: dict | None = None) -> dict:
    """Execute code that leaves no trace in the session; return the kernel's reply."""
    return await client.kc._async_execute_interactive(
        code,
        silent=True,
        store_history=False,
        user_expressions=expressions or {},
        allow_stdin=False,
        timeout=_STARTUP_TIMEOUT,
        output_hook=_listen,
    )


def _listen(message: dict) -> None:
    """Raise what goes wrong in the kernel's own preparation."""
    if message["msg_type"] == "error":
        raise RuntimeError(f"{message['content']['ename']}: {message['content']['evalue']}")


async def _stop(manager: AsyncKernelManager, client: NotebookClient) -> None:
    """Leave no kernel, socket or file behind, whatever happened."""
    if manager.has_kernel:
        await manager.shutdown_kernel(now=True)
    if client.kc is not None:
        client.kc.stop_channels()
    await ensure_async(manager.cleanup_resources())
