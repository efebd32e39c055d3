"""Run the cells of chapters, each chapter in a kernel of its own, several at a time."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import dataclasses
import functools
import logging
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager

from bookproof.reading.chapter import Chapter
from bookproof.running import contents, files, kernel, spec, surroundings
from bookproof.running.camera import Camera
from bookproof.running.cells import run_chapter
from bookproof.running.client import Client
from bookproof.running.failure import Failure
from bookproof.running.kernel import PLAIN, Guise
from bookproof.running.outputs import ensure_error
from bookproof.running.result import Run
from bookproof.running.resume import can_be_taken, is_doubtful
from bookproof.running.snapshot import Snapshot, Snapshots
from bookproof.running.trace import Trace, trace
from bookproof.running.warm import Nursery, Warmth
from bookproof.running.watch import Watch


def run(
    chapters: Sequence[Chapter],
    root: Path,
    workers: int,
    preload: Sequence[str],
    running: Callable[[Chapter], None],
    done: Callable[[Chapter, Run], None],
    note: Callable[[str], None],
    guise: Guise = PLAIN,
    warmth: Warmth | None = None,
    snapshots: Snapshots | None = None,
) -> dict[str, Run]:
    """Execute chapters in the given order and return a run for each by name.

    `workers` is how many kernels may work at a time (one more gets ready meanwhile), `preload`
    the modules that warm kernels have imported. `running` is called before and `done` after each
    chapter, `note` with what should be known; `guise` makes kernels other than they are, `warmth`
    keeps what they are forked from. With `snapshots` chapters go on from those by which they would
    come, and more are taken. SIGTERM ends it with a KeyboardInterrupt, like SIGINT.
    """

    async def run_all() -> dict[str, Run]:
        alive = asyncio.Semaphore(workers + 1)  # one gets ready, or ends, while the others work
        turns = asyncio.Semaphore(workers)
        makers: dict[str, str] = {}

        async def once(
            chapter: Chapter,
            connection: Path,
            nursery: Nursery | None,
            guise: Guise,
            earlier: Snapshot | None = None,
        ) -> Run:
            """Run a chapter, from its start or from a snapshot."""
            async with _kernel(chapter, root, connection, nursery, guise, earlier) as it, turns:
                watch.begin(chapter.name, earlier.span if earlier else None)
                so_far = functools.partial(watch.so_far, chapter.name)
                camera = guise.forks and Camera(snapshots, chapter, root, so_far, earlier)
                result, record = await run_chapter(chapter, *it, earlier, camera or None)
                span, code = watch.end(chapter.name), (cell.source for cell in chapter.cells)
                if record is None:
                    note(spec.stranger(chapter.kernel))
                    known = Trace(unkept=spec.stranger(chapter.kernel))
                else:
                    known = trace(root, record, span, result.started, code, makers)
                    makers.update(dict.fromkeys(known.made, chapter.name))
                return dataclasses.replace(result, **vars(known), continued=earlier is not None)

        async def one(number: int, chapter: Chapter) -> tuple[str, Run]:
            async with alive:
                nursery = await source.nursery()
                running(chapter)
                how = (chapter, Path(folder, f"{number}.json"), nursery, guise)
                earlier = None
                if snapshots and guise is PLAIN and can_be_taken(chapter):
                    earlier = snapshots.best(chapter, root)
                    how = (chapter, snapshots.connection(chapter), nursery, Guise(forks=True))
                result = await once(*how, earlier)
                if earlier and is_doubtful(result, earlier):
                    snapshots.restart(chapter)
                    result = await once(*how)
            names = set(contents.names(root)) if contents.EVERYTHING in result.opened else set()
            watch.update()
            names -= watch.being_made | makers.keys()
            done(chapter, dataclasses.replace(result, names=tuple(names)))
            watch.update(frozenset(result.opened) | set(result.made))  # `done` has read them
            return chapter.name, result

        with (
            files.temporary(warmth.folder if warmth else None) as folder,
            contextlib.closing(Watch(root)) as watch,
            _followed(watch),
            _terminable(),
        ):
            modules = preload if warmth or len(chapters) > 1 else ()
            environment, state = kernel.environment(), surroundings.importable(root)
            if snapshots:
                snapshots.renew((root, tuple(preload), environment, state))
            around = (environment, note, state)
            async with (warmth or Warmth()).open(root, modules, *around) as warming:
                source = _Source(warming, workers)
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(one(*item)) for item in enumerate(chapters)]
        return dict(task.result() for task in tasks)

    try:
        return asyncio.run(run_all())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


@contextlib.contextmanager
def _followed(watch: Watch):
    """Let a watch note what happens as soon as it does: the system keeps a limited number."""
    if watch.fileno() is None:
        yield
        return
    loop = asyncio.get_running_loop()
    loop.add_reader(watch.fileno(), watch.update)
    try:
        yield
    finally:
        loop.remove_reader(watch.fileno())


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
    """Let SIGTERM cancel the current task, once, unless someone else handles it."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        # Neither Windows nor a thread can do this: there SIGTERM stays what it is.
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(signal.SIGTERM, lambda: task.cancelling() or task.cancel())
    yield


@contextlib.asynccontextmanager
async def _kernel(
    chapter: Chapter,
    root: Path,
    connection: Path,
    nursery: Nursery | None,
    guise: Guise,
    earlier: Snapshot | None,
) -> AsyncIterator[tuple[Client, Failure | None, Mapping]]:
    """Keep a kernel for a chapter; yield what talks to it, why it did not start, what it is."""
    quiet = logging.getLogger("bookproof.running.kernel")
    quiet.setLevel(logging.CRITICAL)  # what goes wrong is in the failure
    manager = AsyncKernelManager(
        kernel_name=chapter.kernel,
        connection_file=str(connection),
        transport=spec.transport(chapter.kernel, connection.parent),
        log=quiet,
    )
    settings, patience = chapter.settings, guise.patience
    client = Client(
        copy.deepcopy(chapter.notebook),  # a run leaves its chapter as it was
        km=manager,
        log=quiet,
        allow_errors=settings.execution_allow_errors,
        timeout_func=lambda cell: settings.of_cell(cell.metadata).execution_timeout * patience,
        startup_timeout=kernel.STARTUP_TIMEOUT,
        iopub_timeout=kernel.STARTUP_TIMEOUT,  # on a busy machine outputs come late: none is lost
        raise_on_iopub_timeout=True,
        on_cell_executed=ensure_error,
    )
    try:
        profile = connection.with_name("ipython")
        source: Any = earlier or nursery  # both fork
        goes_on = earlier is not None
        failure, info = await kernel.start(
            manager, client, chapter, root, profile, source, guise, goes_on
        )
        yield client, failure, info
    finally:
        await kernel.stop(manager, client)
