"""Run chapters on the workers of a Dask cluster.

A worker must see the book in the same place, with the same chapters, and have the same
environment; one that does not is refused. Each chapter is a task that `run.run` does on a
worker, with a kernel of its own.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from distributed import Client, Future, KilledWorker
from distributed.comm import get_address_host_port

from bookproof.reading.chapter import Chapter
from bookproof.running import worker
from bookproof.running.result import Run

PATIENCE = 30
"""Seconds to wait for a scheduler, for a worker, for a result, and for kernels to end."""

_INTERVAL = 2  # seconds between two looks at whether there still are workers


def executor(address: str) -> Callable[..., dict[str, Run]]:
    """Return what runs chapters like `run.run`, but on the workers of the scheduler at an address.

    `workers` and `preload` have no meaning there. It raises ValueError where the scheduler or a
    worker cannot be had, or does not have what is here.
    """

    def execute(
        chapters: Sequence[Chapter],
        root: Path,
        workers: int,
        preload: Sequence[str],
        running: Callable[[Chapter], None],
        done: Callable[[Chapter, Run], None],
        note: Callable[[str], None],
    ) -> dict[str, Run]:
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # ours tell
        with _terminable(), _connected(address) as client:
            tasks = _Tasks(client, chapters, root)
            tasks.require_equal_workers()
            try:
                tasks.submit()
                return tasks.results(running, done, note)
            finally:
                tasks.stop()

    return execute


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM raise KeyboardInterrupt, unless someone else handles it."""
    ours = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    ours = ours and threading.current_thread() is threading.main_thread()
    if ours:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextlib.contextmanager
def _connected(address: str) -> Iterator[Client]:
    try:
        get_address_host_port(address)  # a client that gets none hangs for a minute at its end
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ValueError(f"there is no Dask scheduler at {address!r}: {error}") from error
    with client:
        yield client


class _Tasks:
    """Chapters that run on a cluster; those given first start first."""

    def __init__(self, client: Client, chapters: Sequence[Chapter], root: Path):
        self._client = client
        self._chapters = {chapter.name: chapter for chapter in chapters}
        self._root = root
        self._check = uuid.uuid4().hex
        self._events: queue.SimpleQueue[tuple[str, Future | None]] = queue.SimpleQueue()
        self._futures: dict[str, Future] = {}

    def require_equal_workers(self) -> None:
        """Raise ValueError where there is no worker, or where one does not have what is here."""
        scheduler = self._client.scheduler.address
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise ValueError(f"the Dask scheduler at {scheduler} has no worker") from error
        kernels = sorted({chapter.kernel for chapter in self._chapters.values()})
        what = self._root, list(self._chapters), kernels
        here = worker.state(*what)
        answers = self._client.run(worker.fresh_state, *what, on_error="return")
        for name, there in answers.items():
            if isinstance(there, Exception):
                raise ValueError(f"Dask worker {name} does not tell what it has: {there}")
            worker.require_equal(name, here, there)

    def submit(self) -> None:
        """Hand all chapters to the scheduler."""
        self._client.subscribe_topic(worker.TOPIC, self._told)
        for number, (name, chapter) in enumerate(self._chapters.items()):
            future = self._futures[name] = self._client.submit(
                worker.task,
                self._check,
                chapter,
                self._root,
                worker.state(self._root, [name], [chapter.kernel]),
                key=f"bookproof-{self._check}-{number}",
                priority=-number,
                pure=False,
            )
            future.add_done_callback(lambda done, name=name: self._events.put((name, done)))

    def results(
        self,
        running: Callable[[Chapter], None],
        done: Callable[[Chapter, Run], None],
        note: Callable[[str], None],
    ) -> dict[str, Run]:
        """Wait for all chapters; return a run for each by name.

        Raises ValueError where one cannot be run.
        """
        started: set[str] = set()
        runs: dict[str, Run] = {}
        while len(runs) < len(self._chapters):
            name, future = self._next()
            chapter = self._chapters[name]
            if name not in started:  # it starts anew where its worker was lost
                started.add(name)
                running(chapter)
            if future is not None:
                runs[name], notes = self._result(name, future)
                for text in notes:
                    note(text)
                done(chapter, runs[name])
        return runs

    def stop(self) -> None:
        """Let nothing start any more, end the kernels of what runs, and wait for that."""
        if all(future.done() for future in self._futures.values()):
            return
        with contextlib.suppress(OSError):  # without a scheduler its workers end by themselves
            self._client.cancel(list(self._futures.values()), force=True)
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline:
                left = self._client.run(worker.stop, self._check, on_error="ignore")
                if not any(left.values()):
                    return
                time.sleep(0.05)

    def _told(self, event: tuple[float, tuple[str, str]]) -> None:
        check, name = event[1]
        if check == self._check:
            self._events.put((name, None))

    def _next(self) -> tuple[str, Future | None]:
        """Return what happens next: a chapter starts, or its future is done."""
        seen = time.monotonic()
        while True:
            with contextlib.suppress(queue.Empty):
                return self._events.get(timeout=_INTERVAL)
            with contextlib.suppress(OSError):  # a lost scheduler cancels the futures
                if self._client.nthreads():
                    seen = time.monotonic()
            if time.monotonic() > seen + PATIENCE:
                raise ValueError("all Dask workers are lost")

    def _result(self, name: str, future: Future) -> tuple[Run, list[str]]:
        if future.cancelled():
            raise ValueError(f"the Dask scheduler was lost while {name} ran")
        try:
            return future.result(timeout=PATIENCE)
        except KilledWorker as error:
            raise ValueError(f"every Dask worker that ran {name} was lost") from error
        except TimeoutError as error:
            raise ValueError(f"the outputs of {name} did not come from their worker") from error
