"""Run the cells of chapters, each chapter in a kernel of its own, several at a time."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import re
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from bookproof.reading.chapter import Chapter
from bookproof.reading.screen import normalise
from bookproof.running import kernel, packages, spec, warm
from bookproof.running.failure import Ending, Failure
from bookproof.running.warm import Nursery
from bookproof.running.watch import Watch


@dataclass(frozen=True)
class Run:
    """What the code cells of a chapter gave: a list of outputs each, None where one did not run.

    `opened` are the files and folders that the run read, as paths relative to the book's root,
    `variables` the environment variables; `started` is the time of day in seconds, `seconds` how
    long the cells took; `versions` are those of the packages that the cells import; `language`
    is what the kernel says of its language. `watched` tells whether it is known what was read,
    `recorded` that nothing was run, and the outputs are those that the file holds.
    """

    outputs: tuple[list[NotebookNode] | None, ...]
    failure: Failure | None = None
    opened: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    seconds: float = 0.0
    started: float = 0.0
    versions: Mapping[str, str] = field(default_factory=dict)
    language: Mapping[str, object] = field(default_factory=dict)
    watched: bool = True
    recorded: bool = False


def run(
    chapters: Sequence[Chapter],
    root: Path,
    workers: int,
    preload: Sequence[str],
    running: Callable[[Chapter], None],
    done: Callable[[Chapter, Run], None],
    note: Callable[[str], None],
) -> dict[str, Run]:
    """Execute chapters in the given order and return a run for each by name.

    `workers` is how many kernels may work at a time (one more gets ready meanwhile), `preload`
    the modules that warm kernels have imported. `running` is called before and `done` after each
    chapter, `note` with what should be known. SIGTERM ends it like SIGINT, with a
    KeyboardInterrupt when all kernels are gone.
    """

    async def run_all() -> dict[str, Run]:
        alive = asyncio.Semaphore(workers + 1)  # one gets ready, or ends, while the others work
        turns = asyncio.Semaphore(workers)

        async def one(number: int, chapter: Chapter) -> tuple[str, Run]:
            async with alive:
                nursery = await source.nursery()
                running(chapter)
                connection = Path(folder, f"{number}.json")
                async with _kernel(chapter, root, connection, nursery) as started, turns:
                    watch.begin(chapter.name)
                    result = await _run_chapter(chapter, *started)
                    if not result.watched:
                        note(spec.stranger(chapter.kernel))
                    opened = sorted({*result.opened, *watch.end(chapter.name)})
                    result = dataclasses.replace(result, opened=tuple(opened))
            done(chapter, result)
            watch.update(frozenset(result.opened))  # `done` has read them
            return chapter.name, result

        with (
            tempfile.TemporaryDirectory(prefix="bookproof-") as folder,
            contextlib.closing(Watch(root)) as watch,
            _terminable(),
        ):
            modules = preload if len(chapters) > 1 else ()
            async with warm.open_nursery(root, modules, kernel.environment(), note) as warming:
                source = _Source(warming, workers)
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(one(*item)) for item in enumerate(chapters)]
        return dict(task.result() for task in tasks)

    try:
        return asyncio.run(run_all())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


class _Source:
    """Where kernels come from: from a nursery, and while that warms, ordinary ones.

    One slot waits, because the nursery has a core to itself until it is ready.
    """

    def __init__(self, warming: asyncio.Future[Nursery | None], workers: int):
        self._warming = warming
        self._ordinary = workers - 1

    async def nursery(self) -> Nursery | None:
        """Return what the next kernel is forked from, None for an ordinary one."""
        if not self._warming.done() and self._ordinary:
            self._ordinary -= 1
            return None
        return await asyncio.shield(self._warming)


@contextlib.contextmanager
def _terminable():
    """Let SIGTERM cancel the current task, unless someone else handles it."""
    loop = asyncio.get_running_loop()
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        # Neither Windows nor a thread can do this: there SIGTERM stays what it is.
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    yield


@contextlib.asynccontextmanager
async def _kernel(
    chapter: Chapter, root: Path, connection: Path, nursery: Nursery | None
) -> AsyncIterator[tuple[NotebookClient, Failure | None, Mapping]]:
    """Keep a kernel for a chapter; yield what talks to it, why it did not start, what it is."""
    quiet = logging.getLogger("bookproof.running.kernel")
    quiet.setLevel(logging.CRITICAL)  # what goes wrong is in the failure
    manager = AsyncKernelManager(
        kernel_name=chapter.kernel,
        connection_file=str(connection),
        transport=spec.transport(chapter.kernel, connection.parent),
        log=quiet,
    )
    client = NotebookClient(
        chapter.notebook,
        km=manager,
        log=quiet,
        allow_errors=chapter.settings.execution_allow_errors,
        timeout_func=lambda cell: chapter.settings.of_cell(cell.metadata).execution_timeout,
        startup_timeout=kernel.STARTUP_TIMEOUT,
        coalesce_streams=True,
    )
    try:
        profile = connection.with_name("ipython")
        failure, info = await kernel.start(manager, client, chapter, root, profile, nursery)
        yield client, failure, info
    finally:
        await kernel.stop(manager, client)


async def _run_chapter(
    chapter: Chapter, client: NotebookClient, failure: Failure | None, info: Mapping
) -> Run:
    now, started = time.time(), time.monotonic()
    outputs: list[list[NotebookNode] | None] = [None] * len(chapter.cells)
    read = [], []
    if failure is None:
        failure = await _run_cells(client, chapter, outputs)
    took = time.monotonic() - started
    watched = not info or spec.is_ipython(info)
    if failure is None and watched:
        read, failure = await kernel.ask_probe(client, len(outputs) - 1)
    versions = spec.versions(info)
    if watched:
        versions |= packages.versions(cell.source for cell in chapter.cells)
    language = info.get("language_info", {})
    return Run(tuple(outputs), failure, *map(tuple, read), took, now, versions, language, watched)


async def _run_cells(
    client: NotebookClient, chapter: Chapter, outputs: list[list[NotebookNode] | None]
) -> Failure | None:
    index = -1
    for position, node in enumerate(chapter.notebook.cells):
        if node.cell_type != "code":
            continue
        index += 1
        if chapter.cells[index].skipped:
            outputs[index] = []
            continue
        node.outputs = []
        try:
            await client.async_execute_cell(node, position)
        except CellExecutionError as error:
            failure = _cell_failure(error, index)
        except CellTimeoutError:
            limit = client._get_timeout(node)
            failure = Failure(Ending.TIMEOUT, f"did not end within {limit:g} s", index)
        except DeadKernelError:
            if asyncio.current_task().cancelling():  # nbclient takes an interrupt for a death
                raise asyncio.CancelledError from None
            death = await kernel.death(client)
            failure = Failure(Ending.KERNEL_DIED, f"the kernel {death} while the cell ran", index)
        except kernel.TROUBLE as error:
            failure = Failure(
                Ending.KERNEL_DIED, f"the kernel is lost: {kernel.one_line(error)}", index
            )
        else:
            failure = None
        outputs[index] = node.outputs
        if failure:
            return failure
    return None


def _cell_failure(error: CellExecutionError, index: int) -> Failure:
    traceback = normalise(error.traceback)
    place = re.search(r"Cell In\[\d+\], line (\d+)", traceback)
    message = f"{error.ename}: {error.evalue}".removesuffix(": ")
    return Failure(Ending.CELL_FAILED, message, index, int(place[1]) if place else None)
